#pragma once
#include "client_connection.hpp"

#include <bongsu/core/signal.hpp>

#include <functional>

#include <boost/intrusive/list.hpp>

namespace bongsu::http {

/// One call under way, as its deadline and its waiting see it. Leaves every list with its end.
struct ClientCall
    : boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
  std::chrono::steady_clock::time_point deadline;
  bool expired = false;
  bool has_place = false;                    // counted in ClientOrigin::open
  ClientConnection* connection = nullptr;    // what it uses now
  std::unique_ptr<ClientConnection> handed;  // what it was given while it waited; none: it may open a new one
  std::move_only_function<void()> go_on;     // while it waits for a connection
};

/// The connections to one origin.
struct ClientOrigin {
  ClientOrigin(Url where, const asio::any_io_executor& executor)
      : url(std::move(where)), resolved(executor) {}

  struct Idle {
    std::unique_ptr<ClientConnection> connection;
    std::chrono::steady_clock::time_point since;
  };

  Url url;
  std::size_t open = 0;    // places taken: connecting, in use, idle
  std::vector<Idle> idle;  // the latest used last
  std::deque<ClientCall*> waiting;
  std::vector<asio::ip::tcp::endpoint> endpoints;
  std::chrono::steady_clock::time_point endpoints_until;
  Signal resolved;
  bool resolving = false;
};

/// What a Client and its calls have in common.
///
/// All calls may last equally long, so they expire in the order they came: one list and one timer, armed for
/// its head and left alone until then, keep every deadline; a call arms nothing.
class ClientPool : public std::enable_shared_from_this<ClientPool> {
 public:
  ClientPool(const asio::any_io_executor& executor, ClientSettings settings);

  static asio::awaitable<Result<ClientResponse>> call(std::shared_ptr<ClientPool> pool,
                                                      const ClientRequest& request);
  /// Ends all calls and connections.
  void close();

  const ClientSettings& settings() const { return settings_; }
  std::size_t connections() const;
  std::size_t waiting() const;

 private:
  using Time = std::chrono::steady_clock::time_point;
  struct Place;

  bool take_idle(Place& place);
  asio::awaitable<Result<void>> take_place(Place& place);
  asio::awaitable<void> wait_for_place(ClientOrigin& origin, ClientCall& call);
  asio::awaitable<Result<void>> connect(Place& place);
  asio::awaitable<Result<void>> resolve(ClientOrigin& origin, ClientCall& call);
  static asio::awaitable<void> look_up(std::shared_ptr<ClientPool> pool, ClientOrigin& origin);
  asio::ssl::context* tls_of(const Url& url);

  ClientOrigin& origin_of(const Url& url);
  /// A place is free again, with its connection where that can be used on.
  void give_back(ClientOrigin& origin, std::unique_ptr<ClientConnection> connection);
  void wake(ClientCall& call);
  void end(ClientCall& call);
  std::unexpected<Error> stopped(const ClientCall& call, Error why) const;

  void arm(Time at);
  void tick();

  asio::any_io_executor executor_;
  ClientSettings settings_;
  std::optional<asio::ssl::context> tls_;
  std::vector<std::unique_ptr<ClientOrigin>> origins_;
  boost::intrusive::list<ClientCall, boost::intrusive::constant_time_size<false>> calls_;
  asio::steady_timer timer_;
  Time armed_ = Time::max();
  bool closed_ = false;
};

}  // namespace bongsu::http
