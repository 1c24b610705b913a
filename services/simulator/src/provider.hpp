#pragma once
#include "faults.hpp"
#include "message_log.hpp"

#include <bongsu/core/asio.hpp>
#include <bongsu/core/time.hpp>
#include <bongsu/core/uuid.hpp>
#include <bongsu/http/router.hpp>

#include <deque>
#include <memory>

namespace bongsu::simulator {

/// What tells one provider's API from the other's.
struct Dialect {
  std::string_view channel;
  std::string_view path;
  std::string_view recipient_field;
  std::string_view content_field;
  std::string_view id_field;
  std::string_view username;
  std::string_view password;
};
extern const Dialect kKakao;
extern const Dialect kSms;

/// What PUT /control/settings changes.
struct Behaviour {
  bool idempotent = true;       ///< the same key gets the same answer and sends nothing again
  std::int64_t rate_limit = 0;  ///< accepted in any 60 s, by this process' clock; 0: no limit
  std::chrono::milliseconds delay{0};
};

/// Since the start, or since they were deleted.
struct Stats {
  std::int64_t requests = 0;
  std::int64_t accepted = 0;    ///< answered with 200, repeated keys included
  std::int64_t unique = 0;      ///< distinct accepted keys
  std::int64_t duplicates = 0;  ///< accepted with a key that was accepted before
  std::int64_t rejected = 0;    ///< everything else, cut connections included
  std::int64_t in_flight = 0;
  std::int64_t max_in_flight = 0;
};

/// Keys that were accepted: at least the latest million, at most two.
class SeenKeys {
 public:
  SeenKeys();
  ~SeenKeys();
  /// Whether it is new.
  bool add(const Uuid& key);
  void clear();

 private:
  struct Sets;
  std::unique_ptr<Sets> sets_;
};

/// One provider: what it makes of each request. Whatever is decided, is decided when the request arrives;
/// delays come after that.
/// Threads: the io_context's one thread. Lifetime: outlives its server; what it is given outlives it.
class Provider {
 public:
  Provider(const Dialect& dialect, Faults& faults, MessageLog& log, const Clock& clock);

  http::Router routes();
  const Dialect& dialect() const { return dialect_; }
  const Stats& stats() const { return stats_; }
  Behaviour& behaviour() { return behaviour_; }
  void forget();

 private:
  struct Decision {
    http::Response response;
    std::chrono::milliseconds delay{0};
  };
  asio::awaitable<http::Response> receive(http::Request& request);
  asio::awaitable<http::Response> health() const;
  Decision decide(const http::Request& request);
  Decision strike(const Fault& fault) const;
  Decision accept(const http::Request& request);
  std::optional<std::chrono::seconds> wait_for_the_limit();
  static http::Response refuse(int status, std::optional<std::int64_t> retry_after = {});

  const Dialect& dialect_;
  Faults& faults_;
  MessageLog& log_;
  const Clock& clock_;
  std::string authorization_;
  Behaviour behaviour_;
  Stats stats_;
  SeenKeys keys_;
  std::uint64_t ids_ = 0;
  std::deque<std::chrono::steady_clock::time_point> accepted_at_;  // within the last minute; while limited
};

}  // namespace bongsu::simulator
