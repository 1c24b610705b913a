#include "coupon_channel.hpp"

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <support/postgres/postgres_world.hpp>
#include <support/run.hpp>

namespace bongsu::coupon {
namespace {

using Receipt = Result<delivery::Receipt>;

/// One process of the service: its own pool and store.
struct Replica {
  Replica(asio::io_context& io, const postgres::Settings& settings, const Clock& clock, Random& random)
      : pool(io.get_executor(), settings), store(io.get_executor(), pool, clock, random) {}
  postgres::Pool pool;
  CouponStore store;
  CouponChannel channel{store, "welcome", std::chrono::seconds{5}};
};

struct World {
  asio::io_context io;
  support::PostgresWorld database{"coupon"};
  SystemClock clock;
  SystemRandom random;
  postgres::Pool administrator{io.get_executor(), as_administrator()};
  std::vector<std::unique_ptr<Replica>> replicas;

  explicit World(int count = 1, Random* chance = nullptr) {
    for (int i = 0; i < count; ++i)
      replicas.push_back(
          std::make_unique<Replica>(io, database.settings(), clock, chance == nullptr ? random : *chance));
  }

  postgres::Settings as_administrator() const {
    auto settings = database.administrator();
    settings.schema = "coupon";
    return settings;
  }

  static delivery::Notification notification(const std::string& member, const std::string& campaign) {
    delivery::Notification made;
    made.member_id = member;
    made.campaign_id = campaign;
    return made;
  }

  /// All of them at once, dealt out over the replicas; answers in the order of `members`.
  std::vector<Receipt> issue_at_once(const std::vector<std::string>& members, const std::string& campaign) {
    std::vector<delivery::Notification> asked;
    for (const auto& member : members) asked.push_back(notification(member, campaign));
    std::vector<Receipt> receipts(members.size());
    auto left = members.size();
    for (std::size_t i = 0; i < asked.size(); ++i)
      asio::co_spawn(io, replicas[i % replicas.size()]->channel.send(asked[i]),
                     [&receipts, &left, i](const std::exception_ptr& escaped, Receipt receipt) {
                       if (escaped) std::rethrow_exception(escaped);
                       receipts[i] = std::move(receipt);
                       --left;
                     });
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{60};
    io.restart();
    while (left > 0)
      if (io.run_one_until(deadline) == 0) throw std::runtime_error("not all were answered in time");
    return receipts;
  }
  Receipt issue(const std::string& member, const std::string& campaign = "welcome") {
    return std::move(issue_at_once({member}, campaign).front());
  }

  postgres::Rows query(std::string_view sql, postgres::Params params = {}) {
    auto rows = support::run(io, administrator.query(sql, std::move(params)));
    if (!rows) throw std::runtime_error(rows.error().message);
    return std::move(*rows);
  }
  void add_campaign(const std::string& id, std::int64_t stock) {
    query("INSERT INTO campaign (id, stock) VALUES ($1, $2)", postgres::Params::of(id, stock));
  }
  std::int64_t stock(const std::string& id) {
    return query("SELECT stock FROM campaign WHERE id = $1", postgres::Params::of(id))
        .get<std::int64_t>(0, 0);
  }
  std::int64_t issued(const std::string& id) {
    return query("SELECT count(*) FROM issued WHERE campaign_id = $1", postgres::Params::of(id))
        .get<std::int64_t>(0, 0);
  }
};

std::vector<std::string> members(int count) {
  std::vector<std::string> names;
  for (int i = 0; i < count; ++i) names.push_back("member-" + std::to_string(i));
  return names;
}

std::map<std::string, int> tally(const std::vector<Receipt>& receipts) {
  std::map<std::string, int> counts;
  for (const auto& receipt : receipts)
    ++counts[receipt ? "issued" : std::string{name_of(receipt.error().code)}];
  return counts;
}

TEST(CouponChannel, AMemberGetsOneCouponAndKeepsIt) {
  World world;
  const auto first = world.issue("m1");
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ(world.issue("m1")->provider_id, first->provider_id);
  EXPECT_NE(world.issue("m2")->provider_id, first->provider_id);
  EXPECT_EQ(world.issued("welcome"), 2);
  EXPECT_EQ(world.stock("welcome"), 1'000'000 - 2);
}

TEST(CouponChannel, ItsNameIsNotItsCode) {
  World world;
  const auto receipt = world.issue("m1");
  const auto rows = world.query("SELECT id, code FROM issued");
  EXPECT_EQ(rows.get<Uuid>(0, 0).str(), receipt->provider_id);
  EXPECT_EQ(rows.get<std::string>(0, 1).size(), 19U);
}

TEST(CouponChannel, TheSameMemberFromEverywhereAtOnceGetsOne) {
  World world{4};
  const auto receipts = world.issue_at_once(std::vector<std::string>(64, "m1"), "welcome");
  std::set<std::string> coupons;
  for (const auto& receipt : receipts) coupons.insert(receipt.value().provider_id);
  EXPECT_EQ(coupons.size(), 1U);
  EXPECT_EQ(world.issued("welcome"), 1);
  EXPECT_EQ(world.stock("welcome"), 1'000'000 - 1);
}

TEST(CouponChannel, NeverMoreThanTheStock) {
  World world{4};
  world.add_campaign("ten", 10);
  const auto counts = tally(world.issue_at_once(members(100), "ten"));
  EXPECT_EQ(counts, (std::map<std::string, int>{{"issued", 10}, {"exhausted", 90}}));
  EXPECT_EQ(world.issued("ten"), 10);
  EXPECT_EQ(world.stock("ten"), 0);
}

TEST(CouponChannel, WhoHasOneIsServedWhenTheStockIsUsedUp) {
  World world{2};
  world.add_campaign("one", 1);
  const auto first = world.issue("m1", "one");
  EXPECT_EQ(world.issue("m2", "one").error().code, ErrorCode::kExhausted);
  EXPECT_EQ(world.issue("m2", "one").error().detail, "out_of_stock");
  EXPECT_EQ(world.issue("m1", "one")->provider_id, first->provider_id);
  world.query("UPDATE campaign SET stock = 1 WHERE id = 'one'");
  EXPECT_TRUE(world.issue("m2", "one"));
}

TEST(CouponChannel, ManyMembersManyTimesOverManyReplicas) {
  World world{4};
  world.add_campaign("crowd", 300);
  auto crowd = members(500);
  for (int again = 0; again < 3; ++again) {
    const auto more = members(500);
    crowd.insert(crowd.end(), more.rbegin(), more.rend());
  }
  const auto receipts = world.issue_at_once(crowd, "crowd");
  std::map<std::string, std::set<std::string>> coupons;
  for (std::size_t i = 0; i < crowd.size(); ++i)
    if (receipts[i]) coupons[crowd[i]].insert(receipts[i]->provider_id);
  EXPECT_EQ(coupons.size(), 300U);
  for (const auto& [member, held] : coupons) EXPECT_EQ(held.size(), 1U) << member;
  EXPECT_EQ(world.issued("crowd"), 300);
  EXPECT_EQ(world.stock("crowd"), 0);
}

TEST(CouponChannel, AnUnknownCampaignBreaksARule) {
  World world;
  const auto refused = world.issue("m1", "nothing");
  EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(refused.error().sent, Sent::kNo);
}

TEST(CouponChannel, WhatNamesNobodyIsRefusedBefore) {
  World world;
  const auto& channel = world.replicas[0]->channel;
  EXPECT_TRUE(channel.validate(World::notification("m1", "welcome")));
  EXPECT_EQ(channel.validate(World::notification("", "welcome")).error().detail, "member_id");
  EXPECT_EQ(channel.validate(World::notification(std::string("a\0b", 3), "welcome")).error().detail,
            "member_id");
  EXPECT_EQ(channel.validate(World::notification(std::string(256, 'm'), "welcome")).error().detail,
            "member_id");
  EXPECT_EQ(channel.validate(World::notification("m1", "")).error().detail, "campaign_id");
}

TEST(CouponChannel, OneBadClaimFailsAlone) {
  World world;
  auto crowd = members(50);
  crowd[17] = std::string("a\0b", 3);
  const auto receipts = world.issue_at_once(crowd, "welcome");
  EXPECT_EQ(tally(receipts), (std::map<std::string, int>{{"issued", 49}, {"invalid_argument", 1}}));
  EXPECT_FALSE(receipts[17]);
  EXPECT_EQ(world.issued("welcome"), 49);
}

/// Every code is that of the first coupon until it is let go.
class StuckRandom final : public Random {
 public:
  void fill(std::span<unsigned char> bytes) override {
    // Codes take 10 bytes, ids do not.
    if (bytes.size() == 10 && stuck > 0) {
      --stuck;
      std::ranges::fill(bytes, 7);
    } else {
      real_.fill(bytes);
    }
  }
  int stuck = 0;

 private:
  SystemRandom real_;
};

TEST(CouponChannel, ACodeThatExistsIsReplacedByAnother) {
  StuckRandom chance;
  World world{1, &chance};
  chance.stuck = 2;
  ASSERT_TRUE(world.issue("m1"));
  ASSERT_TRUE(world.issue("m2"));
  EXPECT_EQ(world.issued("welcome"), 2);
  EXPECT_EQ(world.stock("welcome"), 1'000'000 - 2);
}

TEST(CouponChannel, ACutConnectionIsToldAndTheCouponIsNotDoubled) {
  World world;
  ASSERT_TRUE(world.issue("m1"));
  world.database.cut_connections();
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{20};
  auto again = world.issue("m1");
  while (!again && std::chrono::steady_clock::now() < deadline) {
    EXPECT_EQ(again.error().code, ErrorCode::kUnavailable) << again.error().message;
    again = world.issue("m1");
  }
  EXPECT_TRUE(again);
  EXPECT_EQ(support::run(world.io, world.replicas[0]->channel.probe()).has_value(), true);
  EXPECT_EQ(support::run(world.io, world.replicas[0]->pool.query("SELECT count(*) FROM issued"))
                ->get<std::int64_t>(0, 0),
            1);
}

TEST(CouponChannel, ASignupGetsTheWelcomeCampaign) {
  World world;
  const auto greeting =
      world.replicas[0]->channel.greet({.member_id = "m1", .email = EmailAddress{"hong@example.com"}});
  EXPECT_EQ(greeting->campaign_id, "welcome");
}

}  // namespace
}  // namespace bongsu::coupon
