// Opening a connection without blocking: libpq's polling interface, and names looked up by Asio, because
// libpq would wait for them.
#include "connection.hpp"

#include <bongsu/core/assert.hpp>
#include <bongsu/core/log.hpp>

#include <map>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <fmt/format.h>
#include <libpq-fe.h>

namespace bongsu::postgres {
namespace {

using Keywords = std::map<std::string, std::string>;

struct Finish {
  void operator()(pg_conn* connection) const { PQfinish(connection); }
};

Result<Keywords> parse(const std::string& uri) {
  char* why = nullptr;
  auto* options = PQconninfoParse(uri.c_str(), &why);
  if (options == nullptr) {
    PQfreemem(why);
    // libpq's own words may repeat what was given, and with it a password.
    return fail(ErrorCode::kInvalidArgument, "postgres: the uri cannot be read");
  }
  Keywords keywords;
  for (auto* option = options; option->keyword != nullptr; ++option)
    if (option->val != nullptr) keywords[option->keyword] = option->val;
  PQconninfoFree(options);
  return keywords;
}

bool is_identifier(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
}

void settle(Keywords& keywords, const Settings& settings) {
  require(is_identifier(settings.schema), "a schema is named in a-z, 0-9 and _");
  if (!settings.password.empty()) keywords["password"] = settings.password;
  keywords["application_name"] = settings.application_name;
  keywords["client_encoding"] = "UTF8";
  // A peer that is gone without a word is noticed while idle (keepalives) and while sending.
  keywords["keepalives"] = "1";
  keywords["keepalives_idle"] = "5";
  keywords["keepalives_interval"] = "2";
  keywords["keepalives_count"] = "3";
  keywords["tcp_user_timeout"] = std::to_string((settings.statement_timeout + kGrace).count());
  auto& options = keywords["options"];
  options += fmt::format(
      " -c statement_timeout={} -c idle_in_transaction_session_timeout={} -c lock_timeout={} -c jit=off",
      settings.statement_timeout.count(), settings.idle_in_transaction_timeout.count(),
      settings.lock_timeout.count());
  if (!settings.schema.empty()) options += fmt::format(" -c search_path={}", settings.schema);
}

asio::awaitable<Result<void>> resolve(Keywords& keywords, Instant deadline) {
  using namespace asio::experimental::awaitable_operators;
  const auto host = keywords["host"];
  boost::system::error_code not_an_address;
  asio::ip::make_address(host, not_an_address);
  // A socket's folder, a list for libpq to go through, an address: nothing to look up.
  if (host.empty() || host.front() == '/' || host.front() == '@' || host.find(',') != std::string::npos ||
      !not_an_address || !keywords["hostaddr"].empty())
    co_return Result<void>{};
  const auto executor = co_await asio::this_coro::executor;
  asio::ip::tcp::resolver resolver{executor};
  asio::steady_timer timer{executor, deadline};
  boost::system::error_code error;
  auto found = co_await (resolver.async_resolve(host, "", asio::redirect_error(asio::use_awaitable, error)) ||
                         timer.async_wait(asio::use_awaitable));
  if (found.index() == 1)
    co_return fail(ErrorCode::kTimeout, "postgres: the host's name was not resolved in time");
  const auto& addresses = std::get<0>(found);
  if (error || addresses.empty())
    co_return fail(ErrorCode::kUnavailable, "postgres: the host's name is unknown");
  std::string hosts;
  std::string numbers;
  for (const auto& entry : addresses) {
    hosts += (hosts.empty() ? "" : ",") + host;
    numbers += (numbers.empty() ? "" : ",") + entry.endpoint().address().to_string();
  }
  keywords["host"] = hosts;
  keywords["hostaddr"] = numbers;
  co_return Result<void>{};
}

using Raw = std::unique_ptr<pg_conn, Finish>;

Raw start_connecting(const Keywords& keywords) {
  std::vector<const char*> names;
  std::vector<const char*> values;
  for (const auto& [name, value] : keywords) {
    if (value.empty()) continue;
    names.push_back(name.c_str());
    values.push_back(value.c_str());
  }
  names.push_back(nullptr);
  values.push_back(nullptr);
  return Raw{PQconnectStartParams(names.data(), values.data(), 0)};
}

/// Waits until the socket is as libpq wants it; false when the deadline came first. The socket is libpq's,
/// and may be another one after each step.
asio::awaitable<bool> wait_for(int socket, PostgresPollingStatusType wanted, Instant deadline) {
  using namespace asio::experimental::awaitable_operators;
  const auto executor = co_await asio::this_coro::executor;
  asio::posix::stream_descriptor descriptor{executor, socket};
  asio::steady_timer timer{executor, deadline};
  boost::system::error_code ignored;  // libpq finds out for itself
  const auto direction = wanted == PGRES_POLLING_READING ? asio::posix::stream_descriptor::wait_read
                                                         : asio::posix::stream_descriptor::wait_write;
  const auto first =
      co_await (descriptor.async_wait(direction, asio::redirect_error(asio::use_awaitable, ignored)) ||
                timer.async_wait(asio::use_awaitable));
  descriptor.release();
  co_return first.index() == 0;
}

std::string first_line(std::string_view text) { return std::string{text.substr(0, text.find('\n'))}; }

}  // namespace

asio::awaitable<Result<std::shared_ptr<Connection>>> Connection::open(asio::any_io_executor executor,
                                                                      Settings settings) {
  const auto deadline = std::chrono::steady_clock::now() + settings.connect_timeout;
  auto keywords = parse(settings.uri);
  if (!keywords) co_return std::unexpected(std::move(keywords.error()));
  settle(*keywords, settings);
  if (auto resolved = co_await resolve(*keywords, deadline); !resolved)
    co_return std::unexpected(std::move(resolved.error()));
  auto raw = start_connecting(*keywords);
  if (!raw) co_return fail(ErrorCode::kExhausted, "postgres: out of memory");
  auto wanted = PGRES_POLLING_WRITING;
  while (wanted != PGRES_POLLING_OK) {
    if (PQstatus(raw.get()) == CONNECTION_BAD || wanted == PGRES_POLLING_FAILED)
      co_return fail(ErrorCode::kUnavailable,
                     "postgres: cannot connect: " + first_line(PQerrorMessage(raw.get())));
    if (!co_await wait_for(PQsocket(raw.get()), wanted, deadline))
      co_return fail(ErrorCode::kTimeout, "postgres: cannot connect: no answer in time");
    wanted = PQconnectPoll(raw.get());
  }
  PQsetNoticeProcessor(raw.get(), [](void*, const char*) {}, nullptr);  // may repeat values
  if (PQsetnonblocking(raw.get(), 1) != 0 || PQenterPipelineMode(raw.get()) != 1)
    co_return fail(ErrorCode::kUnavailable, "postgres: cannot connect: the connection is broken");
  auto connection = std::make_shared<Connection>(executor, settings, raw.release());
  connection->start();
  co_return connection;
}

}  // namespace bongsu::postgres
