#include "pool.hpp"

#include "connections.hpp"

#include <algorithm>

#include <boost/asio/as_tuple.hpp>

namespace bongsu::smtp {

/// A mail that waits for a connection. Leaves the queue with its coroutine, however that ends.
struct Client::Pool::Waiter {
  Waiter(Pool& to, Session::Deadline deadline) : pool(to), timer(to.executor_, deadline) {
    place = pool.waiting_.insert(pool.waiting_.end(), this);
  }
  ~Waiter() {
    if (!granted)
      pool.waiting_.erase(place);
    else if (!taken)
      pool.give_back(std::move(session));
  }
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;

  Pool& pool;
  asio::steady_timer timer;
  std::list<Waiter*>::iterator place;
  std::unique_ptr<Session> session;
  bool granted = false;
  bool taken = false;
};

Client::Pool::Pool(const asio::any_io_executor& executor, Settings settings)
    : executor_(executor), settings_(std::move(settings)), share_(make_curl_share()) {}

Client::Pool::~Pool() { close(); }

void Client::Pool::close() {
  closed_ = true;
  for (auto& session : idle_) session->say_goodbye();
  connections_open().Decrement(static_cast<double>(idle_.size()));
  idle_.clear();
}

asio::awaitable<Result<Receipt>> Client::Pool::send(std::shared_ptr<Pool> pool, Envelope envelope) {
  const auto deadline = pool->deadline();
  while (true) {
    auto lease = co_await pool->acquire(deadline);
    if (!lease) co_return std::unexpected(std::move(lease.error()));
    const bool reused = lease->reused();
    if (auto ready = co_await pool->make_ready(*lease, deadline); !ready)
      co_return std::unexpected(std::move(ready.error()));
    auto& session = lease->session();
    auto receipt = co_await session.mail(envelope, deadline);
    // The server may have closed a connection while it was idle: nothing was sent, so once more.
    const bool stale = !receipt && reused && !session.usable() && !session.begun() &&
                       receipt.error().code == ErrorCode::kUnavailable;
    if (!stale) co_return receipt;
  }
}

asio::awaitable<Result<void>> Client::Pool::probe(std::shared_ptr<Pool> pool) {
  const auto deadline = pool->deadline();
  while (true) {
    auto lease = co_await pool->acquire(deadline);
    if (!lease) co_return std::unexpected(std::move(lease.error()));
    if (!lease->reused()) co_return co_await pool->make_ready(*lease, deadline);
    auto answer = co_await lease->session().noop(deadline);
    if (answer || answer.error().code != ErrorCode::kUnavailable) co_return answer;
  }
}

asio::awaitable<Result<Client::Pool::Lease>> Client::Pool::acquire(Session::Deadline deadline) {
  if (!idle_.empty()) {
    auto session = std::move(idle_.back());
    idle_.pop_back();
    session->wake();
    ++leased_;
    co_return Lease{*this, std::move(session)};
  }
  if (leased_ < settings_.connections) {
    ++leased_;
    co_return Lease{*this, nullptr};
  }
  Waiter waiter{*this, deadline};
  co_await waiter.timer.async_wait(asio::as_tuple(asio::use_awaitable));
  if (!waiter.granted) co_return fail(ErrorCode::kTimeout, "smtp: no connection became free in time");
  waiter.taken = true;
  co_return Lease{*this, std::move(waiter.session)};
}

asio::awaitable<Result<void>> Client::Pool::make_ready(Lease& lease, Session::Deadline deadline) {
  if (lease.reused()) co_return Result<void>{};
  auto session = std::make_unique<Session>(executor_, settings_, share_);
  auto opened = co_await session->open(deadline);
  if (!opened) co_return opened;
  connections_opened().Increment();
  connections_open().Increment();
  lease.hold(std::move(session));
  co_return Result<void>{};
}

void Client::Pool::give_back(std::unique_ptr<Session> session) {
  if (session && !session->usable()) {
    connections_open().Decrement();
    session.reset();
  }
  if (pass_on(session)) return;
  --leased_;
  if (session) put_to_rest(std::move(session));
}

/// To the one that has waited longest: a connection, or the right to open one.
bool Client::Pool::pass_on(std::unique_ptr<Session>& session) {
  if (waiting_.empty()) return false;
  auto& waiter = *waiting_.front();
  waiting_.pop_front();
  waiter.session = std::move(session);
  waiter.granted = true;
  waiter.timer.cancel();
  return true;
}

void Client::Pool::put_to_rest(std::unique_ptr<Session> session) {
  if (closed_) {
    session->say_goodbye();
    connections_open().Decrement();
    return;
  }
  session->rest(std::chrono::steady_clock::now() + settings_.idle_timeout,
                [pool = weak_from_this(), resting = session.get()] {
                  if (const auto held = pool.lock()) held->drop(resting);
                });
  idle_.push_back(std::move(session));
}

void Client::Pool::drop(const Session* session) {
  const auto found = std::ranges::find_if(idle_, [&](const auto& held) { return held.get() == session; });
  if (found == idle_.end()) return;
  (*found)->say_goodbye();
  connections_open().Decrement();
  idle_.erase(found);
}

}  // namespace bongsu::smtp
