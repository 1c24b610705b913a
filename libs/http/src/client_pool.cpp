#include "client_pool.hpp"

#include <bongsu/core/time.hpp>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/redirect_error.hpp>

namespace bongsu::http {
namespace {

using boost::system::error_code;
using Clock = std::chrono::steady_clock;
using asio::ip::tcp;

constexpr std::chrono::seconds kNamesAreGoodFor{30};

}  // namespace

/// A call's place among an origin's connections, given back with it.
struct ClientPool::Place {
  Place(std::shared_ptr<ClientPool> owner, const Url& url)
      : pool(std::move(owner)), origin(pool->origin_of(url)) {
    call.deadline = Clock::now() + pool->settings_.timeout;
    pool->calls_.push_back(call);
    pool->arm(call.deadline);
  }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  ~Place() {
    call.connection = nullptr;
    if (call.go_on) std::erase(origin.waiting, &call);
    if (call.has_place) pool->give_back(origin, std::move(call.handed ? call.handed : connection));
  }
  void use(std::unique_ptr<ClientConnection> given) {
    connection = std::move(given);
    call.connection = connection.get();
  }

  std::shared_ptr<ClientPool> pool;
  ClientOrigin& origin;
  ClientCall call;
  std::unique_ptr<ClientConnection> connection;  // none: a new one may be opened
};

ClientPool::ClientPool(const asio::any_io_executor& executor, ClientSettings settings)
    : executor_(executor), settings_(std::move(settings)), timer_(executor) {}

asio::awaitable<Result<ClientResponse>> ClientPool::call(std::shared_ptr<ClientPool> pool,
                                                         const ClientRequest& request) {
  auto& self = *pool;
  Place place{std::move(pool), request.url()};
  if (!self.take_idle(place)) {
    if (auto taken = co_await self.take_place(place); !taken) {
      co_return self.stopped(place.call, std::move(taken.error()));
    }
  }
  while (true) {
    const bool kept = place.connection != nullptr;
    if (!kept) {
      auto connected = co_await self.connect(place);
      if (!connected) co_return self.stopped(place.call, std::move(connected.error()));
    }
    auto response = co_await place.connection->exchange(request, self.settings_.max_answer_bytes);
    if (response) co_return response;
    const bool again = kept && !place.connection->has_written() && !place.call.expired && !self.closed_;
    if (!again) co_return self.stopped(place.call, std::move(response.error()));
    place.use(nullptr);
  }
}

/// What ended a call from outside tells more than what it was doing.
std::unexpected<Error> ClientPool::stopped(const ClientCall& call, Error why) const {
  if (closed_) {
    why.code = ErrorCode::kCancelled;
    why.message = "http: the client is closed";
  } else if (call.expired) {
    why.code = ErrorCode::kTimeout;
    why.message = "http: no answer within " + to_string(settings_.timeout);
  }
  return std::unexpected{std::move(why)};
}

bool ClientPool::take_idle(Place& place) {
  auto& origin = place.origin;
  while (!closed_ && !origin.idle.empty()) {
    auto connection = std::move(origin.idle.back().connection);
    origin.idle.pop_back();
    if (connection->is_quiet()) {
      place.call.has_place = true;
      place.use(std::move(connection));
      return true;
    }
    --origin.open;
  }
  return false;
}

/// After take_idle(): a place for a new connection, or the next that is free.
asio::awaitable<Result<void>> ClientPool::take_place(Place& place) {
  auto& origin = place.origin;
  if (!closed_ && origin.open < settings_.connections) {
    ++origin.open;
    place.call.has_place = true;
    co_return Result<void>{};
  }
  if (!closed_) co_await wait_for_place(origin, place.call);
  if (place.call.expired || closed_) co_return fail(ErrorCode::kUnavailable, "http: no connection was free");
  if (place.call.handed && place.call.handed->is_quiet()) place.use(std::move(place.call.handed));
  place.call.handed.reset();
  co_return Result<void>{};
}

asio::awaitable<void> ClientPool::wait_for_place(ClientOrigin& origin, ClientCall& call) {
  return asio::async_initiate<const asio::use_awaitable_t<>, void()>(
      [&origin, &call](auto handler) {
        call.go_on = [handler = std::move(handler)]() mutable { std::move(handler)(); };
        origin.waiting.push_back(&call);
      },
      asio::use_awaitable);
}

asio::awaitable<Result<void>> ClientPool::connect(Place& place) {
  if (auto known = co_await resolve(place.origin, place.call); !known) co_return known;
  place.use(std::make_unique<ClientConnection>(executor_));
  co_return co_await place.connection->open(place.origin.endpoints, place.origin.url,
                                            tls_of(place.origin.url));
}

/// A look-up cannot be called off, and may last longer than the call: it goes its own way.
asio::awaitable<Result<void>> ClientPool::resolve(ClientOrigin& origin, ClientCall& call) {
  if (origin.endpoints.empty() || origin.endpoints_until < Clock::now()) {
    if (!origin.resolving) {
      origin.resolving = true;
      spawn(executor_, "http.resolve", look_up(shared_from_this(), origin));
    }
    while (origin.resolving && !closed_ && Clock::now() < call.deadline) {
      co_await origin.resolved.wait_for(call.deadline - Clock::now());
    }
  }
  if (closed_ || (origin.resolving && Clock::now() >= call.deadline)) {
    call.expired = !closed_;
    co_return fail(ErrorCode::kTimeout, "http: no address for " + origin.url.host());
  }
  if (origin.endpoints.empty()) {
    co_return fail(ErrorCode::kUnavailable, "http: no address for " + origin.url.host());
  }
  co_return Result<void>{};
}

asio::awaitable<void> ClientPool::look_up(std::shared_ptr<ClientPool> pool, ClientOrigin& origin) {
  error_code error;
  const auto address = asio::ip::make_address(origin.url.host(), error);
  if (!error) {
    origin.endpoints = {{address, origin.url.port()}};
    origin.endpoints_until = Clock::time_point::max();
  } else {
    tcp::resolver resolver{pool->executor_};
    const auto found = co_await resolver.async_resolve(origin.url.host(), std::to_string(origin.url.port()),
                                                       asio::redirect_error(asio::use_awaitable, error));
    if (!error) origin.endpoints.clear();  // else what was good before is tried on
    for (const auto& entry : found) origin.endpoints.push_back(entry.endpoint());
    origin.endpoints_until = Clock::now() + (error ? Clock::duration::zero() : kNamesAreGoodFor);
  }
  origin.resolving = false;
  origin.resolved.notify_all();
}

asio::ssl::context* ClientPool::tls_of(const Url& url) {
  if (!url.is_secure()) return nullptr;
  if (!tls_) {
    tls_.emplace(asio::ssl::context::tls_client);
    SSL_CTX_set_min_proto_version(tls_->native_handle(), TLS1_2_VERSION);
    error_code error;  // whom nobody vouches for is refused: without the file that is everybody
    if (settings_.ca_file.empty()) {
      tls_->set_default_verify_paths(error);
    } else {
      tls_->load_verify_file(settings_.ca_file, error);
    }
  }
  return &*tls_;
}

ClientOrigin& ClientPool::origin_of(const Url& url) {
  for (const auto& origin : origins_) {
    if (origin->url.has_same_origin(url)) return *origin;
  }
  return *origins_.emplace_back(std::make_unique<ClientOrigin>(url, executor_));
}

void ClientPool::give_back(ClientOrigin& origin, std::unique_ptr<ClientConnection> connection) {
  if (closed_) return;
  if (connection && !connection->is_reusable()) connection.reset();
  if (!origin.waiting.empty()) {
    auto& next = *origin.waiting.front();
    next.handed = std::move(connection);
    next.has_place = true;
    origin.waiting.pop_front();
    wake(next);
  } else if (connection) {
    const auto now = Clock::now();
    origin.idle.push_back({std::move(connection), now});
    if (origin.idle.size() == 1) arm(now + settings_.idle_timeout);
  } else {
    --origin.open;
  }
}

/// Posted, so that one call's end does not run the next one within itself.
void ClientPool::wake(ClientCall& call) { asio::post(executor_, std::exchange(call.go_on, {})); }

void ClientPool::end(ClientCall& call) {
  if (call.go_on) {
    for (const auto& origin : origins_) std::erase(origin->waiting, &call);
    wake(call);
  }
  if (call.connection != nullptr) call.connection->cancel();
}

void ClientPool::arm(Time at) {
  if (at >= armed_) return;
  armed_ = at;
  timer_.expires_at(at);
  timer_.async_wait([weak = weak_from_this()](error_code error) {
    if (error) return;  // armed anew, or closed
    if (const auto self = weak.lock()) self->tick();
  });
}

void ClientPool::tick() {
  const auto now = Clock::now();
  armed_ = Time::max();
  while (!calls_.empty() && calls_.front().deadline <= now) {
    auto& call = calls_.front();
    calls_.pop_front();
    call.expired = true;
    end(call);
  }
  if (!calls_.empty()) arm(calls_.front().deadline);
  for (const auto& origin : origins_) {
    auto& idle = origin->idle;
    const auto old = std::ranges::find_if(
        idle, [&](const auto& entry) { return entry.since + settings_.idle_timeout > now; });
    origin->open -= static_cast<std::size_t>(old - idle.begin());
    idle.erase(idle.begin(), old);
    if (!idle.empty()) arm(idle.front().since + settings_.idle_timeout);
  }
}

void ClientPool::close() {
  closed_ = true;
  timer_.cancel();
  while (!calls_.empty()) {
    auto& call = calls_.front();
    calls_.pop_front();
    end(call);
  }
  for (const auto& origin : origins_) {
    origin->idle.clear();
    origin->resolved.notify_all();
  }
}

std::size_t ClientPool::connections() const {
  std::size_t count = 0;
  for (const auto& origin : origins_) count += origin->open;
  return count;
}

std::size_t ClientPool::waiting() const {
  std::size_t count = 0;
  for (const auto& origin : origins_) count += origin->waiting.size();
  return count;
}

}  // namespace bongsu::http
