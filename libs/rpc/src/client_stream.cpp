#include "client_call.hpp"
#include "status.hpp"

namespace bongsu::rpc::detail {

ClientStream::ClientStream(asio::any_io_executor executor, std::shared_ptr<Outstanding> outstanding,
                           std::string method)
    : executor_(executor),
      outstanding_(std::move(outstanding)),
      method_(std::move(method)),
      changed_(executor),
      work_(executor) {}

void ClientStream::start(const std::shared_ptr<ClientStream>& self, grpc::GenericStub& stub,
                         const std::string& request, const CallOptions& options) {
  self->self_ = self;
  self->request_ = to_buffer(request);
  prepare(self->context_, options);
  self->outstanding_->add(&self->context_);
  stub.PrepareBidiStreamingCall(&self->context_, self->method_, {}, self.get());
  self->AddHold();
  self->StartWriteLast(&self->request_, grpc::WriteOptions{});
  self->StartCall();
}

asio::awaitable<Answer<std::optional<std::string>>> ClientStream::next(std::shared_ptr<ClientStream> self) {
  if (!self->ended_) {
    self->arrived_ = false;
    self->begin_read();
    while (!self->arrived_ && !self->ended_) co_await self->changed_.wait();
  }
  if (!self->arrived_) {
    if (!self->ended_->ok()) co_return std::unexpected(from_status(*self->ended_));
    co_return std::optional<std::string>{};
  }
  self->arrived_ = false;
  std::string bytes;
  if (!read_buffer(self->response_, bytes)) co_return std::unexpected(bad_response());
  co_return std::optional{std::move(bytes)};
}

void ClientStream::begin_read() {
  {
    const std::lock_guard lock{mutex_};
    if (!held_) return;  // the end is on its way
    reading_ = true;
  }
  StartRead(&response_);
}

void ClientStream::OnReadDone(bool ok) {
  bool give_up = false;
  {
    const std::lock_guard lock{mutex_};
    reading_ = false;
    give_up = held_ && (!ok || abandoned_);
    if (give_up) held_ = false;
  }
  if (ok) {
    asio::post(executor_, [self = self_] {
      self->arrived_ = true;
      self->changed_.notify_all();
    });
  }
  if (give_up) RemoveHold();
}

void ClientStream::OnDone(const grpc::Status& status) {
  const auto outstanding = outstanding_;
  const auto executor = executor_;
  outstanding->ended(&context_);
  // Ours takes it over, as client.cpp says: from here on it may be gone.
  asio::post(executor, [self = std::move(self_), status] {
    self->ended_ = status;
    self->work_.reset();
    self->changed_.notify_all();
  });
  outstanding->handed_over();
}

void ClientStream::abandon() {
  context_.TryCancel();
  bool give_up = false;
  {
    const std::lock_guard lock{mutex_};
    abandoned_ = true;
    give_up = held_ && !reading_;
    if (give_up) held_ = false;
  }
  if (give_up) RemoveHold();
}

}  // namespace bongsu::rpc::detail
