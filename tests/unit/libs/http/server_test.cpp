#include "echo.hpp"
#include "http_world.hpp"

#include <gtest/gtest.h>

namespace bongsu::http {
namespace {

using namespace std::chrono_literals;
using testing::get;
using testing::post;
using testing::RawClient;
using testing::routes;
using testing::World;

class ServerTest : public ::testing::Test {
 protected:
  World world_{routes()};
  RawClient client_ = world_.client();

  /// The answer to bytes that no sane client sends: a problem, and the end of the connection.
  void expect_refused(const std::string& bytes, int status, const std::string& code) {
    const auto began = std::chrono::steady_clock::now();
    auto client = world_.client();
    const auto answer = client.try_ask(bytes);
    // The server hears out whoever is still sending, for 2 s: once more when the machine stood still.
    if (!answer && std::chrono::steady_clock::now() - began > 1s) return expect_refused(bytes, status, code);
    ASSERT_TRUE(answer) << bytes.substr(0, 200);
    EXPECT_EQ(answer->status, status) << bytes.substr(0, 200);
    EXPECT_TRUE(answer->has("Content-Type: application/problem+json")) << answer->head;
    EXPECT_TRUE(answer->has("Connection: close")) << answer->head;
    EXPECT_NE(answer->body.find("\"code\":\"" + code + "\""), std::string::npos) << answer->body;
    client.end_sending();
    EXPECT_TRUE(client.is_closed());
  }
};

TEST_F(ServerTest, AnswersAndKeepsTheConnection) {
  for (int i = 0; i < 3; ++i) {
    const auto answer = client_.ask(post("/echo", "{\"n\":" + std::to_string(i) + "}"));
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, "POST {\"n\":" + std::to_string(i) + "}");
    EXPECT_TRUE(answer.has("Date: "));
    EXPECT_FALSE(answer.has("Connection:"));
  }
  EXPECT_EQ(world_.connections(), 1U);
}

TEST_F(ServerTest, AnswersPipelinedRequestsInOrder) {
  std::string all;
  for (int i = 0; i < 500; ++i) all += post("/echo", std::to_string(i)) + "\r\n";
  client_.send(all);
  for (int i = 0; i < 500; ++i) EXPECT_EQ(client_.receive().body, "POST " + std::to_string(i));
}

TEST_F(ServerTest, TakesARequestByteByByte) {
  for (const char byte : post("/echo", "abc")) client_.send({&byte, 1});
  EXPECT_EQ(client_.receive().body, "POST abc");
}

TEST_F(ServerTest, TakesChunkedBodiesAndOverlooksTrailers) {
  const std::string head =
      "POST /echo HTTP/1.1\r\nHost: here\r\nContent-Type: application/json\r\nTransfer-Encoding: "
      "chunked\r\n\r\n";
  EXPECT_EQ(client_.ask(head + "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nX-Digest: 7\r\n\r\n").body, "POST abcde");
  EXPECT_EQ(client_.ask(head + "0\r\n\r\n").body, "POST ");
}

TEST_F(ServerTest, Serves10AndCloses) {
  const auto answer = client_.ask("GET /echo HTTP/1.0\r\n\r\n");
  EXPECT_EQ(answer.status, 200);
  EXPECT_TRUE(answer.has("Connection: close"));
  EXPECT_TRUE(client_.is_closed());
  auto other = world_.client();
  EXPECT_TRUE(
      other.ask("GET /echo HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").has("Connection: keep-alive"));
  EXPECT_EQ(other.ask(get("/echo", "Connection: close\r\n")).status, 200);
  EXPECT_TRUE(other.is_closed());
}

TEST_F(ServerTest, AnswersHeadWithoutABody) {
  client_.send("HEAD /echo HTTP/1.1\r\nHost: here\r\n\r\n");
  const auto answer = client_.receive(true);
  EXPECT_EQ(answer.status, 200);
  EXPECT_TRUE(answer.has("Content-Length: 5"));
  EXPECT_EQ(client_.ask(get("/echo")).body, "GET ");
}

TEST_F(ServerTest, AnswersAHalfClosedClient) {
  client_.send(get("/echo"));
  client_.end_sending();
  EXPECT_EQ(client_.receive().body, "GET ");
  EXPECT_TRUE(client_.is_closed());
}

TEST_F(ServerTest, SaysContinueOnlyToWhoMayGoOn) {
  client_.send(
      "POST /echo HTTP/1.1\r\nHost: here\r\nContent-Type: application/json\r\nContent-Length: 3\r\nExpect: "
      "100-continue\r\n\r\n");
  EXPECT_EQ(client_.receive().status, 100);
  EXPECT_EQ(client_.ask("abc").body, "POST abc");
  expect_refused(
      "POST /echo HTTP/1.1\r\nHost: here\r\nContent-Type: application/json\r\nContent-Length: 9999999\r\n"
      "Expect: 100-continue\r\n\r\n",
      413, "payload_too_large");
  expect_refused("POST /nowhere HTTP/1.1\r\nHost: here\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n",
                 404, "not_found");
  expect_refused(post("/echo", "abc", "Expect: miracles\r\n"), 417, "expectation_failed");
}

TEST_F(ServerTest, RefusesByHeaderAndGoesOn) {
  EXPECT_EQ(client_.ask(post("/nowhere", "{}")).status, 404);
  const auto wrong_method = client_.ask("DELETE /echo HTTP/1.1\r\nHost: here\r\n\r\n");
  EXPECT_EQ(wrong_method.status, 405);
  EXPECT_TRUE(wrong_method.has("Allow: POST, GET, HEAD"));
  EXPECT_EQ(client_.ask("BREW /echo HTTP/1.1\r\nHost: here\r\n\r\n").status, 405);
  const auto typed = [&](const std::string& type) {
    return client_.ask("POST /echo HTTP/1.1\r\nHost: here\r\nContent-Length: 2\r\n" + type + "\r\n{}").status;
  };
  EXPECT_EQ(typed("Content-Type: text/plain\r\n"), 415);
  EXPECT_EQ(typed(""), 415);
  EXPECT_EQ(typed("Content-Type: application/json; charset=euc-kr\r\n"), 415);
  EXPECT_EQ(typed("Content-Type: application/json\r\nContent-Encoding: gzip\r\n"), 415);
  EXPECT_EQ(typed("Content-Type: Application/JSON; charset=\"UTF-8\"\r\n"), 200);
  EXPECT_EQ(world_.connections(), 1U);
}

TEST_F(ServerTest, SpeaksTheClientsLanguage) {
  EXPECT_NE(client_.ask(get("/nowhere")).body.find("찾을 수 없음"), std::string::npos);
  EXPECT_NE(client_.ask(get("/nowhere", "Accept-Language: en\r\n")).body.find("Not found"),
            std::string::npos);
}

TEST_F(ServerTest, AHandlersExceptionIsA500AndTheConnectionGoesOn) {
  const auto answer = client_.ask(get("/throw"));
  EXPECT_EQ(answer.status, 500);
  EXPECT_EQ(answer.body.find("a bug"), std::string::npos);
  EXPECT_EQ(client_.ask(get("/echo")).status, 200);
}

TEST_F(ServerTest, AHeadersValueNeverBecomesAnotherHeader) {
  EXPECT_FALSE(client_.ask(get("/split")).has("\r\nX-Evil"));
}

TEST_F(ServerTest, SendsMoreThanTheSocketTakesAtOnce) {
  EXPECT_EQ(client_.ask(get("/large")).body.size(), 8U << 20);
  EXPECT_EQ(client_.ask(get("/echo")).status, 200);
}

TEST_F(ServerTest, TakesABodyOfExactlyTheBoundAndRefusesMore) {
  EXPECT_EQ(client_.ask(post("/echo", std::string(1U << 20, 'x'))).status, 200);
  EXPECT_EQ(client_.ask(post("/any", std::string(100, 'x'))).status, 200);
  expect_refused(post("/any", std::string(101, 'x')), 413, "payload_too_large");
}

TEST_F(ServerTest, RefusesTwoMebibytesSoThatTheClientSeesIt) {
  expect_refused(post("/echo", std::string(2U << 20, 'x')), 413, "payload_too_large");
  expect_refused(post("/nowhere", std::string(2U << 20, 'x')), 404, "not_found");
  std::string chunked =
      "POST /echo HTTP/1.1\r\nHost: here\r\nContent-Type: application/json\r\nTransfer-Encoding: "
      "chunked\r\n\r\n";
  for (int i = 0; i < 200; ++i) chunked += "4000\r\n" + std::string(0x4000, 'x') + "\r\n";
  expect_refused(chunked, 413, "payload_too_large");
}

TEST_F(ServerTest, RefusesLargeHeaders) {
  expect_refused(get("/echo", "X: " + std::string(20000, 'x') + "\r\n"), 431, "header_too_large");
  expect_refused("GET /" + std::string(20000, 'x') + " HTTP/1.1\r\nHost: here\r\n\r\n", 431,
                 "header_too_large");
  std::string many;
  for (int i = 0; i < 5000; ++i) many += "X" + std::to_string(i) + ": 1\r\n";
  expect_refused(get("/echo", many), 431, "header_too_large");
  EXPECT_EQ(client_.ask(get("/echo", "X: " + std::string(15000, 'x') + "\r\n")).status, 200);
}

TEST_F(ServerTest, RefusesWhatBreaksTheProtocol) {
  const std::string json = "Content-Type: application/json\r\n";
  for (const auto& bytes : {
           std::string{"nonsense\r\n\r\n"},
           std::string{"GET /echo\r\n\r\n"},
           std::string{"GET /echo HTTP/2.0\r\nHost: here\r\n\r\n"},
           std::string{"GET /echo HTTP/1.1\r\n\r\n"},
           std::string{"GET /echo HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"},
           std::string{"GET /echo HTTP/1.1\r\nHost : here\r\n\r\n"},
           std::string{"GET /echo HTTP/1.1\r\nHost: here\r\nX\x01: y\r\n\r\n"},
           std::string{"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n", 13},
           "POST /echo HTTP/1.1\r\nHost: here\r\n" + json + "Content-Length: x\r\n\r\n",
           "POST /echo HTTP/1.1\r\nHost: here\r\n" + json + "Content-Length: -1\r\n\r\n",
           "POST /echo HTTP/1.1\r\nHost: here\r\n" + json +
               "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
           "POST /echo HTTP/1.1\r\nHost: here\r\n" + json +
               "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
           "POST /echo HTTP/1.1\r\nHost: here\r\n" + json +
               "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
           "POST /echo HTTP/1.1\r\nHost: here\r\n" + json + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
           "POST /echo HTTP/1.1\r\nHost: here\r\n" + json + "Transfer-Encoding: chunked\r\n\r\nxyz\r\n",
           "POST /echo HTTP/1.1\r\nHost: here\r\n" + json +
               "Transfer-Encoding: chunked\r\n\r\n3\r\nabcde\r\n0\r\n\r\n",
       }) {
    expect_refused(bytes, 400, "invalid_request");
  }
}

TEST_F(ServerTest, ACutBodyReachesNoHandlerAndHurtsNobody) {
  {
    auto cut = world_.client();
    cut.send(
        "POST /echo HTTP/1.1\r\nHost: here\r\nContent-Type: application/json\r\nContent-Length: "
        "100\r\n\r\nabc");
    cut.end_sending();
    EXPECT_TRUE(cut.is_closed());
  }
  EXPECT_EQ(client_.ask(get("/echo")).status, 200);
}

}  // namespace
}  // namespace bongsu::http
