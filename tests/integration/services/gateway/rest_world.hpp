#pragma once
#include "rest.hpp"
#include "web_client.hpp"

#include <bongsu/core/random.hpp>
#include <bongsu/http/server.hpp>

#include <atomic>
#include <filesystem>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <boost/asio/use_future.hpp>
#include <support/postgres/gate.hpp>
#include <support/postgres/postgres_world.hpp>

namespace bongsu::gateway {

/// The machine's time, and what a test lets pass at once.
class LeapingClock final : public Clock {
 public:
  Timestamp now() const override { return system_.now() + ahead_.load(); }
  std::chrono::steady_clock::time_point monotonic() const override { return system_.monotonic(); }
  void leap(std::chrono::milliseconds by) { ahead_ = ahead_.load() + by; }

 private:
  SystemClock system_;
  std::atomic<std::chrono::milliseconds> ahead_{};
};

/// The gateway's REST side on a real PostgreSQL and a real socket, on a thread of its own. PostgreSQL is
/// reached through a gate that can be shut.
///
///   RestWorld world;
///   EXPECT_EQ(world.post("/api/signup", R"({"email":"a@example.com","name":"A"})").status, 201);
class RestWorld {
 public:
  /// `deadletters` is where that service listens; by itself nobody does. `lock_timeout`: by itself nobody is
  /// told that a key is in progress because the machine is busy.
  explicit RestWorld(const std::string& deadletters = "127.0.0.1:1",
                     std::chrono::milliseconds lock_timeout = std::chrono::seconds{10});
  ~RestWorld();
  RestWorld(const RestWorld&) = delete;
  RestWorld& operator=(const RestWorld&) = delete;

  /// With the token of a caller who may send, unless `headers` bring their own. When PostgreSQL stood still
  /// for so long that the gateway says 503, they come again, as its clients do.
  Answer post(std::string_view path, std::string_view body, std::vector<std::string> headers = {}) const;
  Answer get(std::string_view path, std::vector<std::string> headers = {}) const;
  /// All at once, each on a connection and thread of its own; answers in their order, whatever they are.
  std::vector<Answer> post_at_once(std::string_view path, const std::vector<std::string>& bodies,
                                   const std::vector<std::string>& headers = {}) const;

  std::string token(const std::string& subject, const std::set<std::string>& roles) const;

  /// On the world's thread; gives what it gives.
  template <class T>
  T run(asio::awaitable<T> task) {
    return asio::co_spawn(io_, std::move(task), asio::use_future).get();
  }
  void on_thread(std::function<void()> task);

  /// Rows of a statement's first column, as text, as the administrator.
  std::vector<std::string> column(const std::string& sql);
  std::int64_t count(const std::string& table);

  asio::any_io_executor executor() { return io_.get_executor(); }
  postgres::Pool& pool() { return *pool_; }
  Rest& rest() { return *rest_; }
  support::Gate& gate() { return *gate_; }
  const support::PostgresWorld& database() const { return database_; }
  Random& random() { return random_; }
  LeapingClock& clock() { return clock_; }

 private:
  static host::Secrets make_secrets(const std::filesystem::path& folder);
  std::vector<std::string> complete(std::vector<std::string> headers) const;
  Answer patiently(std::string_view method, std::string_view path, std::string_view body,
                   const std::vector<std::string>& headers) const;

  support::PostgresWorld database_{"gateway"};
  std::filesystem::path folder_;
  LeapingClock clock_;
  SystemRandom random_;
  host::Secrets secrets_;
  asio::io_context io_;
  std::unique_ptr<support::Gate> gate_;
  std::unique_ptr<postgres::Pool> pool_;
  std::unique_ptr<postgres::Pool> administrator_;
  std::unique_ptr<JobStore> jobs_;
  std::unique_ptr<rpc::Channel> jobs_service_;
  std::unique_ptr<rpc::Channel> deadletters_service_;
  std::unique_ptr<Rest> rest_;
  std::unique_ptr<http::Server> server_;
  int port_ = 0;
  std::string token_;
  std::thread thread_;
};

}  // namespace bongsu::gateway
