#include "configuration.hpp"
#include "producer_impl.hpp"

#include <bongsu/kafka/producer.hpp>

#include <utility>

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>

namespace bongsu::kafka {
namespace {

bool is_full(const Result<void>& produced) {
  return !produced && produced.error().code == ErrorCode::kExhausted;
}

}  // namespace

asio::awaitable<Result<Position>> Producer::Impl::send(std::shared_ptr<Impl> self, Record record) {
  co_return co_await lend_when_there_is_room(std::move(self), record);
}

/// Who waits owns the record's coroutine, so the record is there until the report.
asio::awaitable<Result<Position>> Producer::Impl::lend(std::shared_ptr<Impl> self, Record& record) {
  return asio::async_initiate<const asio::use_awaitable_t<>, void(Result<Position>)>(
      [](auto handler, const std::shared_ptr<Impl>& impl, Record* lent) {
        OnDelivered report = [handler = std::move(handler)](Result<Position> outcome) mutable {
          std::move(handler)(std::move(outcome));
        };
        auto produced = impl->produce(std::move(*lent), std::move(report), &lent->value);
        if (produced) return;
        // NOLINTNEXTLINE(bugprone-use-after-move): produce() moves from what it accepts only
        asio::post(impl->executor_, [report = std::move(report), refused = produced.error()]() mutable {
          report(std::unexpected(std::move(refused)));
        });
      },
      asio::use_awaitable, std::move(self), &record);
}

asio::awaitable<Result<Position>> Producer::Impl::lend_when_there_is_room(std::shared_ptr<Impl> self,
                                                                          Record& record) {
  co_await room(self);
  co_return co_await lend(std::move(self), record);
}

asio::awaitable<void> Producer::Impl::room(std::shared_ptr<Impl> self) {
  while (!self->has_room() && !self->closed_ && !self->fatal_) co_await self->changed_.wait();
}

asio::awaitable<std::vector<Result<Position>>> Producer::Impl::send_all(std::shared_ptr<Impl> self,
                                                                        std::vector<Record> records) {
  struct State {
    explicit State(const asio::any_io_executor& executor) : done(executor) {}
    std::vector<Result<Position>> outcomes;
    std::size_t open = 0;
    Signal done;
  };
  const auto state = std::make_shared<State>(self->executor_);
  state->outcomes.resize(records.size());
  for (std::size_t i = 0; i < records.size(); ++i) {
    for (;;) {
      OnDelivered report = [state, i](Result<Position> outcome) {
        state->outcomes[i] = std::move(outcome);
        if (--state->open == 0) state->done.notify_all();
      };
      const auto produced = self->produce(std::move(records[i]), std::move(report));
      if (is_full(produced)) {
        co_await room(self);
        continue;
      }
      if (produced) {
        ++state->open;
      } else {
        state->outcomes[i] = std::unexpected(produced.error());
      }
      break;
    }
  }
  while (state->open > 0) co_await state->done.wait();
  co_return std::move(state->outcomes);
}

asio::awaitable<bool> Producer::Impl::flush(std::shared_ptr<Impl> self, std::chrono::milliseconds timeout) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  while (self->slots_.taken() > 0) {
    const auto left = deadline - std::chrono::steady_clock::now();
    if (left <= std::chrono::steady_clock::duration::zero()) co_return false;
    co_await self->changed_.wait_for(left);
  }
  co_return true;
}

Result<Producer> Producer::open(const asio::any_io_executor& executor, const ProducerSettings& settings) {
  auto client = configuration_of(settings).create(RD_KAFKA_PRODUCER);
  if (!client) return std::unexpected(client.error());
  auto impl = std::make_shared<Impl>(executor, settings, std::move(*client));
  spawn(executor, "kafka.producer", Impl::serve(impl));
  return Producer{std::move(impl)};
}

Producer::Producer(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
Producer::Producer(Producer&& other) noexcept = default;

Producer& Producer::operator=(Producer&& other) noexcept {
  if (this == &other) return *this;
  if (impl_) impl_->close();
  impl_ = std::move(other.impl_);
  return *this;
}

Producer::~Producer() {
  if (impl_) impl_->close();
}

Result<void> Producer::produce(Record&& record, OnDelivered&& on_delivered) {
  return impl_->produce(std::move(record), std::move(on_delivered));
}

asio::awaitable<Result<Position>> Producer::send(Record record) {
  return Impl::send(impl_, std::move(record));
}

asio::awaitable<Result<Position>> Producer::lend(Record& record) {
  return impl_->has_room() ? Impl::lend(impl_, record) : Impl::lend_when_there_is_room(impl_, record);
}

asio::awaitable<std::vector<Result<Position>>> Producer::send_all(std::vector<Record> records) {
  return Impl::send_all(impl_, std::move(records));
}

asio::awaitable<void> Producer::room() { return Impl::room(impl_); }

asio::awaitable<bool> Producer::flush(std::chrono::milliseconds timeout) {
  return Impl::flush(impl_, timeout);
}

void Producer::purge() { impl_->purge(); }
bool Producer::fatal() const { return impl_->fatal(); }
void Producer::break_fatally() { impl_->break_fatally(); }
std::size_t Producer::in_flight_records() const { return impl_->slots().taken(); }
std::size_t Producer::in_flight_bytes() const { return impl_->slots().bytes(); }

}  // namespace bongsu::kafka
