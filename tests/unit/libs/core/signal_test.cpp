#include <bongsu/core/asio.hpp>
#include <bongsu/core/signal.hpp>

#include <gtest/gtest.h>

namespace bongsu {
namespace {

using namespace std::chrono_literals;

TEST(Signal, WaitForTellsWhetherItWasNotified) {
  asio::io_context loop{1};
  Signal signal{loop.get_executor()};
  std::vector<bool> told;
  const auto wait = [](Signal& what, std::vector<bool>& into,
                       std::chrono::milliseconds how_long) -> asio::awaitable<void> {
    into.push_back(co_await what.wait_for(how_long));
  };
  spawn(loop.get_executor(), "long", wait(signal, told, 1h));
  spawn(loop.get_executor(), "longer", wait(signal, told, 2h));
  spawn(loop.get_executor(), "notifier", [](Signal& what) -> asio::awaitable<void> {
    co_await sleep_for(1ms);
    what.notify_all();
  }(signal));
  loop.run();
  EXPECT_EQ(told, (std::vector<bool>{true, true}));

  told.clear();
  loop.restart();
  spawn(loop.get_executor(), "short", wait(signal, told, 1ms));
  loop.run();  // ends: nothing is left waiting for a notification
  EXPECT_EQ(told, std::vector<bool>{false});
}

TEST(Signal, WhoIsWaitingWhenItsLoopGoesIsEnded) {
  bool ended = false;
  struct Note {
    bool& flag;
    ~Note() { flag = true; }
  };
  {
    asio::io_context inner{1};
    Signal inside{inner.get_executor()};
    spawn(inner.get_executor(), "waits", [](Signal& what, bool& flag) -> asio::awaitable<void> {
      const Note note{flag};
      co_await what.wait_for(1h);
    }(inside, ended));
    inner.poll();
    EXPECT_FALSE(ended);
  }
  EXPECT_TRUE(ended);
}

}  // namespace
}  // namespace bongsu
