#pragma once
#include "session.hpp"

#include <bongsu/smtp/client.hpp>

#include <list>
#include <memory>
#include <vector>

namespace bongsu::smtp {

/// The client's connections: at most Settings::connections, the last used is the first taken again.
/// Shared by the client and by every mail under way.
class Client::Pool : public std::enable_shared_from_this<Client::Pool> {
 public:
  Pool(const asio::any_io_executor& executor, Settings settings);
  ~Pool();
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  static asio::awaitable<Result<Receipt>> send(std::shared_ptr<Pool> pool, Envelope envelope);
  static asio::awaitable<Result<Receipt>> refuse(Error error) { co_return std::unexpected(std::move(error)); }
  static asio::awaitable<Result<void>> probe(std::shared_ptr<Pool> pool);
  /// Idle connections go, and those at work when they are done.
  void close();

 private:
  struct Waiter;
  /// A connection, or the right to open one; given back when it goes away.
  class Lease {
   public:
    Lease(Pool& pool, std::unique_ptr<Session> session) : pool_(&pool), session_(std::move(session)) {}
    Lease(Lease&& other) noexcept
        : pool_(std::exchange(other.pool_, nullptr)), session_(std::move(other.session_)) {}
    Lease& operator=(Lease&&) = delete;
    ~Lease() {
      if (pool_ != nullptr) pool_->give_back(std::move(session_));
    }
    bool reused() const { return session_ != nullptr; }
    Session& session() { return *session_; }
    void hold(std::unique_ptr<Session> session) { session_ = std::move(session); }

   private:
    Pool* pool_;
    std::unique_ptr<Session> session_;
  };

  asio::awaitable<Result<Lease>> acquire(Session::Deadline deadline);
  asio::awaitable<Result<void>> make_ready(Lease& lease, Session::Deadline deadline);
  void give_back(std::unique_ptr<Session> session);
  bool pass_on(std::unique_ptr<Session>& session);
  void put_to_rest(std::unique_ptr<Session> session);
  void drop(const Session* session);
  Session::Deadline deadline() const { return std::chrono::steady_clock::now() + settings_.timeout; }

  asio::any_io_executor executor_;
  Settings settings_;
  std::shared_ptr<CURLSH> share_;
  std::vector<std::unique_ptr<Session>> idle_;
  std::list<Waiter*> waiting_;
  std::size_t leased_ = 0;
  bool closed_ = false;
};

}  // namespace bongsu::smtp
