#include "leadership.hpp"

#include <bongsu/core/log.hpp>

namespace bongsu::outbox {
namespace {

using postgres::Session;

// Plans must not depend on statistics that nobody gathers: the ring's leaves are read by their index. What
// the relay writes may be lost with a crash of the server: it is then published again. And a process that
// hangs loses its lock.
constexpr std::string_view kSession =
    "SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_sort = off; "
    "SET synchronous_commit = off; SET idle_session_timeout = '10s'";

// Of the schema, for as long as the session lives.
constexpr std::string_view kLead =
    "SELECT pg_try_advisory_lock(hashtextextended('bongsu.outbox.' || current_schema(), 0))";

postgres::Settings own_connection(postgres::Settings settings) {
  settings.application_name += "-relay";
  return settings;
}

}  // namespace

class Relay::Impl {
 public:
  Impl(const asio::any_io_executor& executor, RelaySettings settings, MakePublisher make_publisher,
       OnRefused on_refused)
      : executor_(executor),
        settings_(std::move(settings)),
        make_publisher_(std::move(make_publisher)),
        on_refused_(std::move(on_refused)),
        stopping_signal_(executor) {}

  asio::awaitable<void> run() {
    while (!stopping_) {
      auto session = co_await postgres::connect(executor_, own_connection(settings_.database));
      if (session) {
        const auto ended = co_await serve(*session);
        complain(ended);
      } else {
        complain(std::unexpected(session.error()));
      }
      if (!stopping_) co_await stopping_signal_.wait_for(settings_.retry);
    }
  }

  void wake() {
    if (leadership_ != nullptr) leadership_->wake();
  }

  void stop(std::chrono::milliseconds drain) {
    stopping_ = true;
    drain_deadline_ = std::chrono::steady_clock::now() + drain;
    if (leadership_ != nullptr) leadership_->stop(drain_deadline_);
    stopping_signal_.notify_all();
  }

  bool leading() const { return leadership_ != nullptr; }

 private:
  /// Stands by until the lock is free, and leads once. The session ends with it, and so does the lock.
  asio::awaitable<Result<void>> serve(Session& session) {
    if (auto prepared = co_await session.script(kSession); !prepared) co_return prepared;
    while (!stopping_) {
      const auto locked = co_await session.query(kLead);
      if (!locked) co_return std::unexpected(locked.error());
      if (locked->get<bool>(0, 0)) break;
      co_await stopping_signal_.wait_for(settings_.retry);
    }
    if (stopping_) co_return Result<void>{};
    complained_ = false;
    Leadership leadership{executor_, settings_, make_publisher_, on_refused_, session};
    leadership_ = &leadership;
    co_await leadership.lead();
    leadership_ = nullptr;
    co_return Result<void>{};
  }

  void complain(const Result<void>& outcome) {
    if (!outcome && !std::exchange(complained_, true))
      log::warning("outbox.waiting_for_postgres", {{"why", outcome.error().message}});
  }

  asio::any_io_executor executor_;
  RelaySettings settings_;
  MakePublisher make_publisher_;
  OnRefused on_refused_;
  Signal stopping_signal_;
  Leadership* leadership_ = nullptr;
  std::chrono::steady_clock::time_point drain_deadline_{};
  bool stopping_ = false;
  bool complained_ = false;
};

Relay::Relay(const asio::any_io_executor& executor, RelaySettings settings, MakePublisher make_publisher,
             OnRefused on_refused)
    : impl_(std::make_unique<Impl>(executor, std::move(settings), std::move(make_publisher),
                                   std::move(on_refused))) {}

Relay::~Relay() = default;

asio::awaitable<void> Relay::run() { return impl_->run(); }
void Relay::wake() { impl_->wake(); }
void Relay::stop(std::chrono::milliseconds drain) { impl_->stop(drain); }
bool Relay::leading() const { return impl_->leading(); }

}  // namespace bongsu::outbox
