#include "coupon_channel.hpp"
#include "coupon_store.hpp"
#include "settings.hpp"

#include <bongsu/host/channel.hpp>
#include <bongsu/host/host.hpp>
#include <bongsu/postgres/pool.hpp>

namespace bongsu::coupon {
namespace {

asio::awaitable<Result<void>> run(host::Host& host) {
  auto settings = host.settings<Settings>();
  auto database = settings.channel.postgres;
  database.schema = "coupon";
  database.application_name = "bongsu-coupon-store";
  database.connections = 1;  // one batch is under way at a time
  postgres::Pool pool{host.executor(), database};
  CouponStore store{host.executor(), pool, host.clock(), host.random()};
  CouponChannel channel{store, settings.signup_campaign, settings.timeout};
  co_return co_await host::serve(host, {.kind = events::Channel::kCoupon, .signups = true}, channel,
                                 settings.channel);
}

}  // namespace
}  // namespace bongsu::coupon

int main(int argc, char** argv) { return bongsu::host::run("coupon", argc, argv, bongsu::coupon::run); }
