// What the server does about those who are slow, too many, or still there when it stops.
#include "echo.hpp"
#include "http_world.hpp"

#include <bongsu/core/signal.hpp>

#include <gtest/gtest.h>

namespace bongsu::http {
namespace {

using namespace std::chrono_literals;
using testing::get;
using testing::routes;
using testing::World;

TEST(ServerTime, IdleConnectionsAreClosed) {
  World world{routes(), {.idle_timeout = 200ms}};
  auto idle = world.client();
  EXPECT_TRUE(idle.is_closed());
  for (int i = 0; i < 20; ++i) {
    auto used = world.client();
    const auto answer = used.try_ask(get("/echo"));
    if (!answer) continue;  // a slow machine asked too late
    EXPECT_EQ(answer->status, 200);
    EXPECT_TRUE(used.is_closed());
    return;
  }
  FAIL() << "nobody was answered";
}

TEST(ServerTime, TooSlowAHeaderOrBodyIsTold) {
  World world{routes(), {.header_timeout = 100ms, .body_timeout = 100ms}};
  auto header = world.client();
  header.send("GET /echo HTTP/1.1\r\nHo");
  auto body = world.client();
  body.send("POST /any HTTP/1.1\r\nHost: here\r\nContent-Length: 5\r\n\r\nabc");
  for (auto* slow : {&header, &body}) {
    const auto answer = slow->receive();
    EXPECT_EQ(answer.status, 408);
    EXPECT_TRUE(answer.has("Connection: close"));
    EXPECT_TRUE(slow->is_closed());
  }
}

TEST(ServerTime, DripsDoNotHoldAConnection) {
  World world{routes(), {.header_timeout = 100ms}};
  auto client = world.client();
  client.send("GET /echo HTTP/1.1\r\nHost: here\r\n");
  const auto deadline = std::chrono::steady_clock::now() + 10s;
  bool open = true;
  while (open && std::chrono::steady_clock::now() < deadline) open = client.try_send("X: y\r\n");
  EXPECT_FALSE(open) << "a header that never ends was read for ten seconds";
}

TEST(ServerBound, TellsThatThereAreTooManyConnections) {
  World world{routes(), {.max_connections = 2}};
  auto first = world.client();
  auto second = world.client();
  EXPECT_EQ(first.ask(get("/echo")).status, 200);
  EXPECT_EQ(second.ask(get("/echo")).status, 200);
  {
    auto third = world.client();
    const auto answer = third.ask(get("/echo"));
    EXPECT_EQ(answer.status, 503);
    EXPECT_TRUE(answer.has("Retry-After: 1"));
    EXPECT_TRUE(answer.has("Connection: close"));
  }
  EXPECT_EQ(first.ask(get("/echo", "Connection: close\r\n")).status, 200);
  EXPECT_TRUE(first.is_closed());
  EXPECT_EQ(world.client().ask(get("/echo")).status, 200);
}

/// A handler that answers when the test says so.
class DrainTest : public ::testing::Test {
 protected:
  DrainTest() : world_(gated()) {}

  Router gated() {
    Router router;
    router.add(Method::kGet, "/wait", [this](Request&) -> asio::awaitable<Response> {
      Signal go{co_await asio::this_coro::executor};
      go_ = &go;
      entered_.set_value();
      while (!open_) co_await go.wait();
      co_return text(200, "done");
    });
    return router;
  }
  void let_go() {
    world_.on_its_thread([this] {
      open_ = true;
      go_->notify_all();
    });
  }

  std::promise<void> entered_;
  bool open_ = false;
  Signal* go_ = nullptr;
  World world_;
};

TEST_F(DrainTest, FinishesWhatRunsClosesWhatIsIdleAndAcceptsNoMore) {
  auto idle = world_.client();
  auto busy = world_.client();
  busy.send(get("/wait"));
  entered_.get_future().wait();
  auto drained = world_.drain(10s);
  EXPECT_TRUE(idle.is_closed());
  EXPECT_THROW(world_.client(), std::exception);
  let_go();
  const auto answer = busy.receive();
  EXPECT_EQ(answer.body, "done");
  EXPECT_TRUE(answer.has("Connection: close"));
  EXPECT_TRUE(busy.is_closed());
  EXPECT_TRUE(drained.get());
}

TEST_F(DrainTest, CutsWhatOutlastsItsBound) {
  auto busy = world_.client();
  busy.send(get("/wait"));
  entered_.get_future().wait();
  EXPECT_FALSE(world_.drain(20ms).get());
  EXPECT_TRUE(busy.is_closed());
  let_go();
}

TEST(ServerListen, SaysWhyItCannot) {
  asio::io_context context;
  const auto server = Server::listen(context.get_executor(), {}, routes());
  ASSERT_TRUE(server);
  const auto taken = Server::listen(context.get_executor(), {.port = server->port()}, routes());
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(Server::listen(context.get_executor(), {.host = "no address"}, routes()).error().code,
            ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace bongsu::http
