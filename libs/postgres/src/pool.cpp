#include "connection.hpp"

#include <bongsu/core/log.hpp>
#include <bongsu/core/signal.hpp>
#include <bongsu/postgres/pool.hpp>

#include <limits>

namespace bongsu::postgres {
namespace {

/// While PostgreSQL has been away for less than that, statements wait for it; later they fail at once.
constexpr std::chrono::milliseconds kPatience{250};
constexpr std::chrono::milliseconds kReconnect{250};
constexpr std::chrono::milliseconds kTick{50};

Error going_away() { return {.code = ErrorCode::kCancelled, .message = "postgres: the pool is going away"}; }

}  // namespace

/// Shared with the coroutines that keep its connections, so it outlives the pool until they have ended.
class Pool::Impl : public std::enable_shared_from_this<Impl> {
 public:
  Impl(const asio::any_io_executor& executor, Settings settings)
      : executor_(executor), settings_(std::move(settings)), closing_signal_(executor), ticker_(executor) {
    for (std::size_t i = 0; i < std::max<std::size_t>(settings_.connections, 1); ++i)
      slots_.push_back(std::make_unique<Slot>(executor));
  }

  struct SessionRequest {
    Instant deadline;
    std::move_only_function<void(Result<Session>)> done;
  };

  /// One at a time: what waits may be served by the one that is being opened.
  void start_next_slot() {
    const auto opening = std::any_of(slots_.begin(), slots_.end(), [](const auto& slot) {
      return slot->started && !(slot->connection && slot->connection->is_open());
    });
    if (opening) return;
    const auto next =
        std::find_if(slots_.begin(), slots_.end(), [](const auto& slot) { return !slot->started; });
    if (next == slots_.end()) return;
    (*next)->started = true;
    spawn(executor_, "postgres.keep", keep(shared_from_this(), **next));
  }

  void ask(Statement statement) {
    if (auto* slot = choose()) return slot->connection->ask(std::move(statement));
    if (given_up()) return refuse(std::move(statement.done));
    waiting_.push_back(std::move(statement));
    tick();
  }

  void borrow(SessionRequest request) {
    if (given_up()) return refuse(std::move(request.done));
    sessions_.push_back(std::move(request));
    serve();
    tick();
  }

  void close() {
    closing_ = true;
    ticker_.cancel();
    for (auto& slot : slots_) {
      slot->changed.notify_all();
      if (slot->connection && !slot->lent) slot->connection->close(going_away());
    }
    closing_signal_.notify_all();
    for (auto& statement : std::exchange(waiting_, {})) answer(std::move(statement.done), going_away());
    for (auto& request : std::exchange(sessions_, {})) answer(std::move(request.done), going_away());
  }

  bool available() const { return !away_since_; }
  const Settings& settings() const { return settings_; }

 private:
  struct Slot {
    explicit Slot(const asio::any_io_executor& executor) : changed(executor) {}
    std::shared_ptr<Connection> connection;
    Signal changed;
    bool started = false;
    bool lent = false;
    bool usable() const { return connection && connection->is_open() && !lent; }
  };

  template <class Done>
  void answer(Done done, Error error) {
    asio::post(executor_, [done = std::move(done), error = std::move(error)]() mutable {
      done(std::unexpected(std::move(error)));
    });
  }

  template <class Done>
  void refuse(Done done) {
    answer(std::move(done), not_connected().error());
  }

  /// Away for so long that nobody is asked to wait.
  bool given_up() const { return away_since_ && std::chrono::steady_clock::now() - *away_since_ > kPatience; }

  /// The connection with the least to do; more connections are opened when all have something to do. While
  /// sessions are waited for, the last connections are left to become idle. While PostgreSQL is away, also
  /// those that still look open are not trusted.
  Slot* choose() {
    if (away_since_) return nullptr;
    const auto count = static_cast<std::size_t>(
        std::count_if(slots_.begin(), slots_.end(), [](const auto& slot) { return slot->usable(); }));
    auto open_to_all = count - std::min(count, sessions_.size());
    if (open_to_all == 0 && count > 1) open_to_all = 1;
    Slot* best = nullptr;
    for (auto& slot : slots_) {
      if (!slot->usable()) continue;
      if (open_to_all-- == 0) break;
      if (best == nullptr || slot->connection->outstanding() < best->connection->outstanding())
        best = slot.get();
    }
    if (best == nullptr || best->connection->outstanding() > 0) start_next_slot();
    return best;
  }

  /// Gives out what has been waited for.
  void serve() {
    if (closing_) return;
    while (!sessions_.empty() && !away_since_) {
      const auto idle = std::find_if(slots_.rbegin(), slots_.rend(), [](const auto& slot) {
        return slot->usable() && slot->connection->outstanding() == 0;
      });
      if (idle == slots_.rend()) {
        start_next_slot();
        break;
      }
      auto request = std::move(sessions_.front());
      sessions_.pop_front();
      lend(**idle, std::move(request));
    }
    while (!waiting_.empty()) {
      auto* slot = choose();
      if (slot == nullptr) break;
      auto statement = std::move(waiting_.front());
      waiting_.pop_front();
      slot->connection->ask(std::move(statement));
    }
  }

  void lend(Slot& slot, SessionRequest request) {
    slot.lent = true;
    auto give_back = [weak = weak_from_this(), &slot](std::shared_ptr<Connection> connection) {
      const auto self = weak.lock();
      if (!self || self->closing_) {
        connection->close(going_away());
      } else {
        slot.lent = false;
        self->serve();
      }
    };
    asio::post(executor_, [session = Session{slot.connection, std::move(give_back)},
                           done = std::move(request.done)]() mutable { done(std::move(session)); });
  }

  /// Keeps one connection: opens it, waits until it is lost, opens it again.
  static asio::awaitable<void> keep(std::shared_ptr<Impl> self, Slot& slot) {
    while (!self->closing_) {
      auto opened = co_await Connection::open(self->executor_, self->settings_);
      if (self->closing_) {
        if (opened) (*opened)->close(going_away());
        break;
      }
      if (!opened) {
        self->failed(opened.error());
        co_await self->closing_signal_.wait_for(kReconnect);
        continue;
      }
      slot.connection = std::move(*opened);
      slot.connection->on_change([weak = self->weak_from_this(), &slot] {
        const auto alive = weak.lock();
        if (!alive) return;
        if (!slot.connection->is_open()) slot.changed.notify_all();
        if (!alive->sessions_.empty() || !alive->waiting_.empty()) alive->serve();
      });
      const auto since = std::chrono::steady_clock::now();
      self->succeeded();
      while (slot.connection->is_open() && !self->closing_) co_await slot.changed.wait();
      if (self->closing_) break;
      self->lost(slot);
      // Let in and thrown out at once: not as fast as we can.
      if (std::chrono::steady_clock::now() - since < kReconnect)
        co_await self->closing_signal_.wait_for(kReconnect);
    }
    if (slot.connection && !slot.lent) slot.connection->close(going_away());
  }

  void succeeded() {
    if (std::exchange(away_since_, std::nullopt)) log::info("postgres.back");
    serve();
  }

  void failed(const Error& why) {
    const auto up = std::any_of(slots_.begin(), slots_.end(), [](const auto& slot) {
      return slot->connection && slot->connection->is_open();
    });
    if (up || away_since_) return;
    away_since_ = std::chrono::steady_clock::now() - kPatience;  // known to be away: nobody waits
    log::warning("postgres.away", {{"why", why.message}});
    tick();
  }

  void lost(Slot& slot) {
    const auto up = std::any_of(slots_.begin(), slots_.end(), [](const auto& other) {
      return other->connection && other->connection->is_open();
    });
    // A server that falls silent on one connection is not trusted on the others until it lets us in again.
    if (!away_since_ && (slot.connection->was_silent() || !up)) {
      away_since_ = std::chrono::steady_clock::now();
      log::warning("postgres.away", {{"why", "the connection was lost"}});
    }
  }

  /// Ends what has waited too long.
  void tick() {
    if (ticking_ || closing_ || (waiting_.empty() && sessions_.empty())) return;
    ticking_ = true;
    ticker_.expires_after(kTick);
    ticker_.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
      const auto self = weak.lock();
      if (!self) return;
      self->ticking_ = false;
      if (!error) self->look_at_time();
    });
  }

  void look_at_time() {
    const auto now = std::chrono::steady_clock::now();
    const auto expire = [&](auto& queue) {
      std::erase_if(queue, [&](auto& entry) {
        if (!given_up() && now < entry.deadline) return false;
        refuse(std::move(entry.done));
        return true;
      });
    };
    expire(waiting_);
    expire(sessions_);
    tick();
  }

  asio::any_io_executor executor_;
  Settings settings_;
  std::vector<std::unique_ptr<Slot>> slots_;
  std::deque<Statement> waiting_;
  std::deque<SessionRequest> sessions_;
  std::optional<Instant> away_since_;
  Signal closing_signal_;
  asio::steady_timer ticker_;
  bool ticking_ = false;
  bool closing_ = false;
};

Pool::Pool(const asio::any_io_executor& executor, Settings settings)
    : impl_(std::make_shared<Impl>(executor, std::move(settings))) {
  impl_->start_next_slot();
}

Pool::~Pool() { impl_->close(); }

asio::awaitable<Result<Rows>> Pool::query(std::string_view sql, Params params, Timeout timeout) {
  const auto allowed = timeout.value_or(impl_->settings().statement_timeout);
  Statement statement{.sql = std::string{sql},
                      .params = std::move(params),
                      .timeout = allowed,
                      .deadline = std::chrono::steady_clock::now() + allowed + kGrace};
  return asio::async_initiate<const asio::use_awaitable_t<>, void(Result<Rows>)>(
      [](auto handler, std::shared_ptr<Impl> impl, Statement moved) {
        moved.done = [handler = std::move(handler)](Result<Rows> answer) mutable {
          std::move(handler)(std::move(answer));
        };
        impl->ask(std::move(moved));
      },
      asio::use_awaitable, impl_, std::move(statement));
}

asio::awaitable<Result<Session>> Pool::session(Timeout timeout) {
  const auto allowed = timeout.value_or(impl_->settings().statement_timeout) + kGrace;
  return asio::async_initiate<const asio::use_awaitable_t<>, void(Result<Session>)>(
      [](auto handler, std::shared_ptr<Impl> impl, Instant deadline) {
        impl->borrow(
            {.deadline = deadline, .done = [handler = std::move(handler)](Result<Session> answer) mutable {
               std::move(handler)(std::move(answer));
             }});
      },
      asio::use_awaitable, impl_, std::chrono::steady_clock::now() + allowed);
}

bool Pool::available() const { return impl_->available(); }

const Settings& Pool::settings() const { return impl_->settings(); }

}  // namespace bongsu::postgres
