#include "server_calls.hpp"

namespace bongsu::rpc {
namespace detail {

bool ServerCall::finish(const grpc::Status& status, const std::string& response) {
  {
    const std::lock_guard lock{mutex_};
    if (std::exchange(finished_, true)) return false;
  }
  send(status, response);
  return true;
}

bool ServerCalls::add(std::shared_ptr<ServerCall> call) {
  const std::lock_guard lock{mutex_};
  if (shut_) return false;
  calls_.insert(std::move(call));
  return true;
}

void ServerCalls::remove(const std::shared_ptr<ServerCall>& call) {
  const std::lock_guard lock{mutex_};
  calls_.erase(call);
}

std::vector<std::shared_ptr<ServerCall>> ServerCalls::all() {
  const std::lock_guard lock{mutex_};
  return {calls_.begin(), calls_.end()};
}

void ServerCalls::shut() {
  const std::lock_guard lock{mutex_};
  shut_ = true;
}

Arrival arrival_of(const grpc::CallbackServerContext& context, const grpc::ByteBuffer& request) {
  Arrival arrival{.bytes = {}, .authorization = {}, .deadline = std::chrono::steady_clock::time_point::max()};
  // What cannot be read is told by the parser: no message of ours begins with this byte.
  if (!read_buffer(request, arrival.bytes)) arrival.bytes = "\xFF";
  const auto& metadata = context.client_metadata();
  if (const auto found = metadata.find("authorization"); found != metadata.end()) {
    arrival.authorization.assign(found->second.data(), found->second.size());
  }
  // No deadline is one in the far future.
  const auto left = context.deadline() - std::chrono::system_clock::now();
  if (left < std::chrono::days{365}) arrival.deadline = std::chrono::steady_clock::now() + left;
  return arrival;
}

void ServerUnary::send(const grpc::Status& status, const std::string& response) {
  *response_ = to_buffer(response);
  Finish(status);
}

void ServerUnary::OnDone() {
  const auto keep = std::move(self);
  calls_->remove(keep);
}

asio::awaitable<bool> ServerStream::write(std::shared_ptr<ServerStream> stream, std::string bytes) {
  auto& own = *stream;
  if (own.closed_) co_return false;
  own.buffer_ = to_buffer(bytes);
  own.writing_ = true;
  own.StartWrite(&own.buffer_);
  while (own.writing_ && !own.closed_) co_await own.changed_.wait();
  const bool open = !own.closed_;
  co_return open;
}

void ServerStream::OnWriteDone(bool ok) {
  asio::post(executor_, [stream = self, ok] {
    stream->writing_ = false;
    if (!ok) stream->close();
    stream->changed_.notify_all();
  });
}

void ServerStream::OnCancel() {
  asio::post(executor_, [stream = self] { stream->close(); });
}

void ServerStream::close() {
  if (std::exchange(closed_, true)) return;
  changed_.notify_all();
  if (const auto tell = std::exchange(tell_, nullptr)) tell();
}

void ServerStream::on_closed(std::function<void()> tell) {
  if (closed_) return tell();
  tell_ = std::move(tell);
}

void ServerStream::OnDone() {
  auto keep = std::move(self);
  calls_->remove(keep);
  // Its signal belongs to our thread.
  const auto executor = executor_;
  asio::post(executor, [keep = std::move(keep)] {});
}

}  // namespace detail

asio::awaitable<bool> ByteWriter::write(std::string bytes) {
  return detail::ServerStream::write(stream_, std::move(bytes));
}
bool ByteWriter::closed() const { return stream_->closed(); }
void ByteWriter::on_closed(std::function<void()> tell) { stream_->on_closed(std::move(tell)); }

}  // namespace bongsu::rpc
