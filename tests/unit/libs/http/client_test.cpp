#include "client_world.hpp"

#include <support/process/held_port.hpp>

namespace bongsu::http {
namespace {

using namespace std::chrono_literals;
using testing::Act;
using testing::ClientWorld;

Act fine(int, int) { return {}; }

void expect_error(const Result<ClientResponse>& response, ErrorCode code, Sent sent) {
  ASSERT_FALSE(response) << response->status;
  EXPECT_EQ(response.error().code, code) << response.error().message;
  EXPECT_EQ(response.error().sent, sent) << response.error().message;
}

/// Whether a short timeout was over before the request went out: a slow machine, once more.
bool was_too_slow(ClientWorld& world) {
  world.io.restart();
  world.io.poll();  // the server reads what went out
  return world.server.requests().empty();
}

TEST(Client, ARequestGoesOutInOnePieceAndItsAnswerComesBack) {
  ClientWorld world{[](int, int) {
    return Act{.answer = "HTTP/1.1 429 Slow\r\nContent-Length: 2\r\nX-Who: me\r\nRetry-After: 7\r\n\r\n{}"};
  }};
  const auto response = world.send();
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->status, 429);
  EXPECT_EQ(response->body, "{}");
  EXPECT_EQ(response->header("x-who"), "me");
  EXPECT_EQ(response->retry_after(), 7s);
  EXPECT_EQ(
      world.server.requests().front(),
      "POST /messages HTTP/1.1\r\nHost: " + world.url().authority() +
          "\r\nIdempotency-Key: k1\r\nContent-Type: application/json\r\nContent-Length: 7\r\n\r\n{\"a\":1}");
}

TEST(Client, CallsAfterOneAnotherShareAConnection) {
  ClientWorld world{fine};
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(world.send());
  EXPECT_EQ(world.server.connections(), 1);
}

TEST(Client, AnAnswerThatSaysCloseEndsItsConnection) {
  ClientWorld world{[](int, int) {
    return Act{.answer = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"};
  }};
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(world.send());
  EXPECT_EQ(world.server.connections(), 3);
}

TEST(Client, AKeptConnectionThatTheServerClosedIsReplacedUnseen) {
  ClientWorld world{[](int connection, int) { return Act{.close = connection == 1}; }};
  ASSERT_TRUE(world.send());
  world.until([&] { return world.server.open() == 0; });
  const auto response = world.send();
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(world.server.connections(), 2);
  EXPECT_EQ(world.server.requests().size(), 2U);
}

TEST(Client, WhatTheServerSaysUnaskedIsNoAnswerToTheNextRequest) {
  ClientWorld world{[](int connection, int) {
    return connection == 1 ? Act{.answer =
                                     "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
                                     "HTTP/1.1 408 Too Slow\r\nContent-Length: 0\r\n\r\n"}
                           : Act{};
  }};
  ASSERT_EQ(world.send()->status, 200);
  EXPECT_EQ(world.send()->body, "ok");
  EXPECT_EQ(world.server.connections(), 2);
}

TEST(Client, AnAnswerCutInTheMiddleMayHaveBeenSent) {
  for (const auto* answer : {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", "HTTP/1.1 200 O",
                             "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", ""}) {
    ClientWorld world{[&](int, int) { return Act{.answer = answer, .close = true}; }};
    expect_error(world.send(), ErrorCode::kUnavailable, Sent::kMaybe);
    EXPECT_EQ(world.server.requests().size(), 1U) << answer;
  }
}

TEST(Client, AKeptConnectionCutAfterTheRequestMayHaveBeenSentAndIsNotRepeated) {
  ClientWorld world{[](int, int request) { return Act{.close = request == 2, .silent = request == 2}; }};
  ASSERT_TRUE(world.send());
  expect_error(world.send(), ErrorCode::kUnavailable, Sent::kMaybe);
  EXPECT_EQ(world.server.requests().size(), 2U);
}

TEST(Client, ASlowAnswerIsATimeoutThatMayHaveBeenSent) {
  for (int i = 0; i < 20; ++i) {
    ClientWorld world{[](int, int) { return Act{.silent = true}; }, {.timeout = 100ms}};
    const auto begin = std::chrono::steady_clock::now();
    const auto response = world.send();
    if (was_too_slow(world)) continue;
    expect_error(response, ErrorCode::kTimeout, Sent::kMaybe);
    EXPECT_GE(std::chrono::steady_clock::now() - begin, 100ms);
    EXPECT_EQ(world.client->connections(), 0U);
    return;
  }
  FAIL() << "no request got through";
}

TEST(Client, AnEndlessBodyIsRefused) {
  const std::string chunk = "400\r\n" + std::string(1024, 'x') + "\r\n";
  ClientWorld world{[&, first = true](int, int) mutable {
                      return Act{
                          .answer = std::exchange(first, false)
                                        ? "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk
                                        : chunk,
                          .endless = true};
                    },
                    {.max_answer_bytes = 4096}};
  expect_error(world.send(), ErrorCode::kUnavailable, Sent::kMaybe);
}

TEST(Client, AnAnswerThatAnnouncesTooMuchOrIsNoneIsRefused) {
  for (const std::string& answer : {std::string{"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n"},
                                    std::string{"220 mail.test ready for what you have to say\r\n\r\n"},
                                    "HTTP/1.1 200 OK\r\nX: " + std::string(40'000, 'x')}) {
    ClientWorld world{[&](int, int) { return Act{.answer = answer}; }, {.max_answer_bytes = 4096}};
    expect_error(world.send(), ErrorCode::kUnavailable, Sent::kMaybe);
  }
}

TEST(Client, WhereNobodyListensNothingIsSent) {
  ClientWorld world{fine};
  const support::HeldPort port;
  std::optional<Result<ClientResponse>> response;
  const auto nobody = Url::parse("http://" + port.address()).value();
  const ClientRequest request{Method::kGet, nobody};
  asio::co_spawn(
      world.io, world.client->send(request),
      [&](const std::exception_ptr&, Result<ClientResponse> given) { response = std::move(given); });
  world.until([&] { return response.has_value(); });
  expect_error(*response, ErrorCode::kUnavailable, Sent::kNo);
}

TEST(Client, ChunkedBodilessInterimAndOldAnswersAreUnderstood) {
  const std::vector<std::pair<std::string, std::string>> answers{
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", "abcde"},
      {"HTTP/1.1 204 No Content\r\n\r\n", ""},
      {"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx", "x"}};
  ClientWorld world{[&](int, int request) {
    return Act{.answer = answers.at(static_cast<std::size_t>(request - 1)).first};
  }};
  for (const auto& [answer, body] : answers) EXPECT_EQ(world.send().value().body, body);
  EXPECT_EQ(world.server.connections(), 1);
  ClientWorld old{
      [&](int, int) { return Act{.answer = "HTTP/1.0 200 OK\r\n\r\nto the end", .close = true}; }};
  EXPECT_EQ(old.send().value().body, "to the end");
}

TEST(Client, AnAnswerToHeadHasNoBodyWhateverItSays) {
  ClientWorld world{[](int, int) { return Act{.answer = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n"}; }};
  EXPECT_EQ(world.send(Method::kHead).value().status, 200);
  EXPECT_EQ(world.send(Method::kHead).value().status, 200);
  EXPECT_EQ(world.server.connections(), 1);
}

TEST(Client, MoreCallsThanConnectionsWaitTheirTurn) {
  ClientWorld world{fine, {.connections = 3}};
  std::vector<std::optional<Result<ClientResponse>>> responses(50);
  for (auto& response : responses) world.begin(response);
  world.until([&] { return std::ranges::all_of(responses, [](const auto& r) { return r.has_value(); }); });
  for (const auto& response : responses) EXPECT_TRUE(*response);
  EXPECT_EQ(world.server.connections(), 3);
  EXPECT_EQ(world.server.most_open(), 3);
}

TEST(Client, ACallThatWaitsInVainWasNotSentAndGivesItsPlaceUp) {
  for (int i = 0; i < 20; ++i) {
    ClientWorld world{[](int connection, int) { return Act{.silent = connection == 1}; },
                      {.connections = 1, .timeout = 100ms}};
    std::optional<Result<ClientResponse>> first;
    std::optional<Result<ClientResponse>> second;
    world.begin(first);
    world.begin(second);
    world.until([&] { return first && second; });
    if (was_too_slow(world)) continue;
    expect_error(*first, ErrorCode::kTimeout, Sent::kMaybe);
    expect_error(*second, ErrorCode::kTimeout, Sent::kNo);
    const auto is_fine = [&] { return world.send().has_value(); };
    EXPECT_TRUE(is_fine() || is_fine() || is_fine()) << "the place was not given up";
    EXPECT_EQ(world.client->waiting(), 0U);
    EXPECT_EQ(world.client->connections(), 1U);
    return;
  }
  FAIL() << "no request got through";
}

TEST(Client, AnIdleConnectionIsClosedAfterAWhile) {
  ClientWorld world{fine, {.idle_timeout = 50ms}};
  ASSERT_TRUE(world.send());
  EXPECT_EQ(world.client->connections(), 1U);
  world.until([&] { return world.server.open() == 0; });
  EXPECT_EQ(world.client->connections(), 0U);
  EXPECT_TRUE(world.send());
}

TEST(Client, CallsUnderWayEndWithTheClient) {
  ClientWorld world{[](int, int) { return Act{.silent = true}; }, {.connections = 1}};
  std::optional<Result<ClientResponse>> sent;
  std::optional<Result<ClientResponse>> waiting;
  world.begin(sent);
  world.begin(waiting);
  world.until([&] { return !world.server.requests().empty() && world.client->waiting() == 1; });
  world.client.reset();
  world.until([&] { return sent && waiting; });
  expect_error(*sent, ErrorCode::kCancelled, Sent::kMaybe);
  expect_error(*waiting, ErrorCode::kCancelled, Sent::kNo);
}

TEST(Client, ALoopThatEndsTakesItsCallsAlong) {
  ClientWorld world{[](int, int) { return Act{.silent = true}; }, {.connections = 1}};
  std::optional<Result<ClientResponse>> sent;
  std::optional<Result<ClientResponse>> waiting;
  world.begin(sent);
  world.begin(waiting);
  world.until([&] { return world.server.requests().size() == 1; });
}

TEST(ClientResponse, RetryAfterIsSecondsOrADate) {
  const auto after = [](std::string value, const std::string& date = "") {
    ClientResponse response;
    response.header_text = "Retry-After" + std::string(1, '\0') + std::move(value) + std::string(1, '\0');
    if (!date.empty()) response.header_text += "Date" + std::string(1, '\0') + date + std::string(1, '\0');
    return response.retry_after();
  };
  EXPECT_EQ(after("120"), 120s);
  EXPECT_EQ(after("0"), 0s);
  EXPECT_EQ(after("-5"), 0s);
  EXPECT_EQ(after("soon"), std::nullopt);
  EXPECT_EQ(after(""), std::nullopt);
  EXPECT_EQ(after("99999999999999999999"), std::chrono::days{365});
  EXPECT_EQ(after("Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:07 GMT"), 30s);
  EXPECT_EQ(after("Sun, 06 Nov 1994 08:49:37 GMT"), 0s);
  EXPECT_EQ(ClientResponse{}.retry_after(), std::nullopt);
}

TEST(Url, IsParsedOnceAndPutTogether) {
  const auto url = Url::parse("https://api.example.com/v2/").value();
  EXPECT_TRUE(url.is_secure());
  EXPECT_EQ(url.port(), 443);
  EXPECT_EQ(url.authority(), "api.example.com");
  EXPECT_EQ((url / "/kakaotalk-messages").path(), "/v2/kakaotalk-messages");
  EXPECT_EQ((Url::parse("http://[::1]:8081").value() / "health").path(), "/health");
  EXPECT_EQ(Url::parse("http://[::1]:8081").value().host(), "::1");
  EXPECT_EQ(Url::parse("http://[::1]:8081").value().authority(), "[::1]:8081");
  for (const auto* bad : {"", "api.example.com", "ftp://a", "http://", "http://u:p@a", "http://a?q",
                          "http://a#f", "http://a:99999", "http://a:0"})
    EXPECT_FALSE(Url::parse(bad)) << bad;
}

TEST(BasicAuth, IsBase64OfNameAndPassword) {
  EXPECT_EQ(basic_auth("autoever", "1234"), "Basic YXV0b2V2ZXI6MTIzNA==");
}

}  // namespace
}  // namespace bongsu::http
