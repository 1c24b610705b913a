#pragma once
#include <bongsu/core/asio.hpp>
#include <bongsu/core/error.hpp>
#include <bongsu/smtp/mail.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

namespace bongsu::smtp {

enum class Tls : std::uint8_t {
  kOff,           ///< never
  kWhereOffered,  ///< STARTTLS if the server offers it; required all the same where there is a username
  kRequired,      ///< no mail and no password without it
};

struct Settings {
  std::string url = "smtp://127.0.0.1:25";  ///< smtps:// speaks TLS from the first byte
  std::string username;                     ///< empty: no AUTH
  std::string password;
  Tls tls = Tls::kWhereOffered;
  std::string ca_file;           ///< whom to trust, PEM; empty: as the system does
  std::string hello;             ///< our name in EHLO; empty: the machine's
  std::size_t connections = 10;  ///< open at once, at most
  /// For one mail in all: waiting for a connection, DNS, connect, TLS, AUTH, dialogue.
  std::chrono::milliseconds timeout{5000};
  /// A connection without work is closed after this.
  std::chrono::milliseconds idle_timeout{30000};
};

/// The server has taken the mail over.
struct Receipt {
  std::string queue_id;  ///< of its "queued as …"; empty where it names none
};

/// Sends mails over connections that are kept and used again. libcurl resolves, connects, and does
/// STARTTLS (names verified) and AUTH; the mails' dialogue is ours (README.md says why).
///
/// Errors: kTimeout; kUnavailable (no connection, TLS, 4xx); kUnauthorized (530, 534, 535, 538);
///   kNotFound (550, 551, 553: no such recipient); kRejected (other 5xx); kInvalidArgument (compose()).
///   `detail` is the server's code where it gave one. `sent` is maybe when the whole mail was handed to
///   the operating system and no reply came; a reply, good or bad, is definite.
/// Delivery: what fails on a connection used before, before its body was begun, is sent once more on
///   a new connection, within the same timeout; nothing else is repeated.
/// Ordering: none between mails; waiting mails get connections in the order they came.
/// Threads: the io_context's one thread. Lifetime: a mail under way keeps what it needs; idle
///   connections are closed with the client.
class Client {
 public:
  Client(const asio::any_io_executor& executor, Settings settings);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// `mail` is read before this returns, not when it is waited for.
  asio::awaitable<Result<Receipt>> send(const Mail& mail);

  /// Whether the server lets us in (EHLO, STARTTLS and AUTH), or answers on an open connection.
  asio::awaitable<Result<void>> probe();

 private:
  class Pool;
  std::shared_ptr<Pool> pool_;
};

}  // namespace bongsu::smtp
