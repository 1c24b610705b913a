#pragma once
#include <bongsu/core/asio.hpp>

#include <memory>
#include <type_traits>
#include <utility>

#include <boost/asio/prefer.hpp>
#include <boost/asio/thread_pool.hpp>

namespace bongsu::kafka {

/// The thread for the few calls of librdkafka 2.0.2 that only exist in a blocking form (committed
/// offsets, metadata). Nothing of ours runs on it: the work is one such call, and the caller goes on
/// where it was.
/// Lifetime: join() before the client's handle goes away; it waits for the call under way.
class BlockingCalls {
 public:
  template <class Work, class T = std::invoke_result_t<Work&>>
  asio::awaitable<T> run(Work work) {
    return asio::async_initiate<const asio::use_awaitable_t<>, void(T)>(
        [this](auto handler, Work moved) {
          auto home =
              asio::prefer(asio::get_associated_executor(handler), asio::execution::outstanding_work.tracked);
          asio::post(thread_, [handler = std::move(handler), moved = std::move(moved), home]() mutable {
            asio::post(home, [handler = std::move(handler), result = moved()]() mutable {
              std::move(handler)(std::move(result));
            });
          });
        },
        asio::use_awaitable, std::move(work));
  }

  void join() { thread_.join(); }

 private:
  asio::thread_pool thread_{1};
};

}  // namespace bongsu::kafka
