#include <bongsu/core/batcher.hpp>
#include <bongsu/core/signal.hpp>

#include <gtest/gtest.h>

namespace bongsu {
namespace {

asio::awaitable<void> ask(Batcher<int, int>& batcher, int item, std::vector<int>& answers) {
  answers.push_back(co_await batcher.submit(item));
}

TEST(Batcher, CollectsWhatWaitsWhileTheFirstIsUnderWay) {
  asio::io_context context;
  std::vector<std::size_t> sizes;
  Batcher<int, int> batcher{context.get_executor(), 100, 1,
                            [&](std::vector<int> items) -> asio::awaitable<std::vector<int>> {
                              sizes.push_back(items.size());
                              co_await asio::post(asio::use_awaitable);
                              for (auto& item : items) item *= 10;
                              co_return items;
                            }};
  std::vector<int> answers;
  for (int i = 0; i < 5; ++i) spawn(context.get_executor(), "ask", ask(batcher, i, answers));
  context.run();
  EXPECT_EQ(answers, (std::vector{0, 10, 20, 30, 40}));
  ASSERT_FALSE(sizes.empty());
  EXPECT_LE(sizes.size(), 2U);
  EXPECT_EQ(batcher.pending(), 0U);
}

TEST(Batcher, NeverExceedsItsBound) {
  asio::io_context context;
  std::size_t largest = 0;
  Batcher<int, int> batcher{context.get_executor(), 3, 2,
                            [&](std::vector<int> items) -> asio::awaitable<std::vector<int>> {
                              largest = std::max(largest, items.size());
                              co_await asio::post(asio::use_awaitable);
                              co_return items;
                            }};
  std::vector<int> answers;
  for (int i = 0; i < 50; ++i) spawn(context.get_executor(), "ask", ask(batcher, i, answers));
  context.run();
  EXPECT_EQ(answers.size(), 50U);
  EXPECT_EQ(largest, 3U);
}

TEST(Signal, WakesWhoWaitsAndTellsWhenNobodyCame) {
  asio::io_context context;
  Signal signal{context.get_executor()};
  bool notified = false;
  bool timed_out = false;
  spawn(context.get_executor(), "waiter", [](Signal& s, bool& n, bool& t) -> asio::awaitable<void> {
    n = co_await s.wait_for(std::chrono::seconds{30});
    t = !co_await s.wait_for(std::chrono::milliseconds{1});
  }(signal, notified, timed_out));
  asio::post(context, [&] { signal.notify_all(); });
  context.run();
  EXPECT_TRUE(notified);
  EXPECT_TRUE(timed_out);
}

}  // namespace
}  // namespace bongsu
