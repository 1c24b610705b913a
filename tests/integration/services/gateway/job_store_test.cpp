#include "bulk/job_store.hpp"

#include "rest_world.hpp"

#include <bongsu/events/v1/job_control.pb.h>

#include <gtest/gtest.h>

namespace bongsu::gateway {
namespace {

using namespace std::chrono_literals;
using events::v1::JobControl;

const Timestamp kNoon = *parse_rfc3339("2026-11-21T12:00:00+09:00");

/// A job's members and pages, without Kafka.
class Jobs : public testing::Test {
 protected:
  void add_members(int count, const std::string& prefix, const std::string& birth_date = "2000-01-01",
                   const std::string& more = "true, 'ACTIVE', false") {
    world_.column(
        "INSERT INTO gateway.member (user_id, email_hash, sealed, birth_date, consent_night, locale,"
        "  signed_up_at, created_at, has_phone, status, consent_marketing) "
        "SELECT '" +
        prefix + "' || lpad(n::text, 6, '0'), gen_random_uuid(), 'box', '" + birth_date +
        "', false, 'ko', now(), '2026-11-01', " + more + " FROM generate_series(1, " + std::to_string(count) +
        ") AS n RETURNING user_id");
  }
  Uuid request(events::Purpose purpose = events::Purpose::kTransactional) {
    const BulkRequest made{.job = Uuid::v7(kNoon, world_.random()),
                           .age_group = events::AgeGroup::kTwenties,
                           .channel = events::Channel::kKakao,
                           .fallback = events::Channel::kSms,
                           .purpose = purpose,
                           .as_of = kNoon,
                           .requested_at = kNoon,
                           .sealed = "box"};
    EXPECT_TRUE(world_.run(jobs_.note_request(made)));
    return made.job;
  }
  void control(const Uuid& job, int state, std::int32_t pages, std::int64_t revision = 1) {
    EXPECT_TRUE(world_.run(jobs_.note_control({job, revision, state, pages})));
  }
  std::optional<Slice> freeze(std::size_t most = 10) {
    auto slice = world_.run(jobs_.freeze(most, kNoon));
    EXPECT_TRUE(slice) << (slice ? "" : slice.error().message);
    return slice ? std::move(*slice) : std::nullopt;
  }
  std::optional<Slice> take_over() {
    auto slice = world_.run(jobs_.take_over(10));
    EXPECT_TRUE(slice);
    return slice ? std::move(*slice) : std::nullopt;
  }
  /// As if whoever has the pages had gone silent.
  void end_leases() {
    world_.column("UPDATE gateway.bulk_page SET taken_until = now() - interval '1 s' RETURNING 'x'");
  }

  RestWorld world_;
  JobStore jobs_{world_.pool(), 30s};
};

std::vector<std::size_t> sizes_of(const Slice& slice) {
  std::vector<std::size_t> sizes;
  for (const auto& part : slice.parts) sizes.push_back(part.page.members.size());
  return sizes;
}

TEST_F(Jobs, PagesHaveAThousandMembersInTheOrderOfBirthDateAndId) {
  add_members(1500, "b-", "2000-06-01");
  add_members(1000, "a-", "2000-06-02");
  control(request(), JobControl::RUNNING, 100);
  const auto slice = freeze();
  ASSERT_TRUE(slice);
  EXPECT_EQ(sizes_of(*slice), (std::vector<std::size_t>{1000, 1000, 500}));
  EXPECT_EQ(slice->parts[0].page.members.front(), "b-000001");
  EXPECT_EQ(slice->parts[1].page.members[499], "b-001500");
  EXPECT_EQ(slice->parts[1].page.members[500], "a-000001");
  EXPECT_EQ(slice->parts[2].page.number, 2U);
  EXPECT_TRUE(slice->parts[2].page.last);
  EXPECT_FALSE(slice->parts[1].page.last);
  EXPECT_FALSE(freeze());
}

TEST_F(Jobs, NothingIsFrozenBeyondTheCreditOrBeforeTheRequestOrWhilePaused) {
  add_members(2500, "m-");
  const auto job = Uuid::v7(kNoon, world_.random());
  control(job, JobControl::RUNNING, 100);
  EXPECT_FALSE(freeze());  // its request has not come

  const auto other = request();
  EXPECT_FALSE(freeze());  // no control
  control(other, JobControl::HELD, 5, 1);
  EXPECT_FALSE(freeze());
  control(other, JobControl::RUNNING, 1, 2);
  EXPECT_EQ(sizes_of(freeze().value()), std::vector<std::size_t>{1000});
  EXPECT_FALSE(freeze());
  control(other, JobControl::PAUSED, 3, 3);
  EXPECT_FALSE(freeze());
  control(other, JobControl::RUNNING, 9, 2);  // an older revision
  EXPECT_FALSE(freeze());
  control(other, JobControl::RUNNING, 3, 4);
  EXPECT_EQ(sizes_of(freeze().value()), (std::vector<std::size_t>{1000, 500}));
}

TEST_F(Jobs, AMemberWhoIsDeletedOrDeactivatedOrComesLaterShiftsNobody) {
  add_members(3000, "m-");
  control(request(), JobControl::RUNNING, 100);
  auto first = freeze(1).value();
  world_.column("DELETE FROM gateway.member WHERE user_id IN ('m-000001', 'm-001001') RETURNING 'x'");
  world_.column("UPDATE gateway.member SET status = 'INACTIVE' WHERE user_id = 'm-000002' RETURNING 'x'");
  auto rest = freeze().value();
  EXPECT_EQ(rest.parts[0].page.members.front(), "m-001002");
  std::set<std::string> all;
  std::size_t count = 0;
  for (const auto* slice : {&first, &rest}) {
    for (const auto& part : slice->parts) {
      all.insert(part.page.members.begin(), part.page.members.end());
      count += part.page.members.size();
    }
  }
  EXPECT_EQ(count, all.size());
  EXPECT_EQ(count, 2999U);  // all but the one that was deleted before its page was frozen
}

TEST_F(Jobs, AnExactMultipleEndsWithoutAnEmptyPageAndNobodyGivesOneEmptyLastPage) {
  add_members(2000, "m-");
  control(request(), JobControl::RUNNING, 2);
  const auto slice = freeze().value();
  EXPECT_EQ(sizes_of(slice), (std::vector<std::size_t>{1000, 1000}));
  EXPECT_TRUE(slice.parts.back().page.last);

  world_.column("DELETE FROM gateway.member RETURNING 'x'");
  control(request(), JobControl::RUNNING, 2);
  const auto nobody = freeze().value();
  EXPECT_EQ(sizes_of(nobody), std::vector<std::size_t>{0});
  EXPECT_TRUE(nobody.parts.back().page.last);
}

TEST_F(Jobs, WhoLacksANumberOrConsentOrIsOutOfTheGroupIsNotSentTo) {
  add_members(1, "ok-", "2000-01-01", "true, 'ACTIVE', true");
  add_members(1, "phoneless-", "2000-01-02", "false, 'ACTIVE', true");
  add_members(1, "unwilling-", "2000-01-03", "true, 'ACTIVE', false");
  add_members(1, "inactive-", "2000-01-04", "true, 'INACTIVE', true");
  add_members(1, "young-", "2006-11-22", "true, 'ACTIVE', true");
  add_members(1, "old-", "1996-11-21", "true, 'ACTIVE', true");
  control(request(events::Purpose::kMarketing), JobControl::RUNNING, 2);
  const auto slice = freeze().value();
  EXPECT_EQ(slice.parts[0].page.members,
            (std::vector<std::string>{"ok-000001", "phoneless-000001", "unwilling-000001"}));
  EXPECT_EQ(slice.parts[0].page.suppressed,
            (std::vector<Suppressed>{{1, "no_recipient"}, {2, "no_consent"}}));
  ASSERT_EQ(slice.parts[0].members.size(), 1U);
  EXPECT_EQ(slice.parts[0].members[0].index, 0U);

  const auto census = world_.run(jobs_.count(
      events::AgeGroup::kTwenties, needs_of(events::Channel::kKakao, events::Purpose::kMarketing, kNoon),
      date_in_seoul(kNoon), kNoon));
  ASSERT_TRUE(census);
  EXPECT_EQ(census->total, 3);
  EXPECT_EQ(census->no_recipient, 1);
  EXPECT_EQ(census->no_consent, 1);
}

TEST_F(Jobs, APageIsTakenOverWithTheSameMembersWhoAreGoneIsSuppressedForGood) {
  add_members(1200, "m-");
  const auto job = request();
  control(job, JobControl::RUNNING, 100);
  const auto frozen = freeze().value();
  EXPECT_FALSE(take_over());
  world_.column("DELETE FROM gateway.member WHERE user_id = 'm-001100' RETURNING 'x'");
  end_leases();
  const auto again = take_over().value();
  ASSERT_EQ(again.parts.size(), 2U);
  EXPECT_EQ(again.parts[0].page.members, frozen.parts[0].page.members);
  EXPECT_EQ(again.parts[0].members.size(), 1000U);
  EXPECT_EQ(again.parts[1].page.suppressed, (std::vector<Suppressed>{{99, "inactive"}}));
  EXPECT_EQ(again.parts[1].members.size(), 199U);
  EXPECT_TRUE(again.parts[1].page.last);
  EXPECT_FALSE(take_over());

  // It stays so, whoever comes next and whoever comes back.
  end_leases();
  EXPECT_EQ(take_over().value().parts[1].page.suppressed, (std::vector<Suppressed>{{99, "inactive"}}));
  EXPECT_TRUE(world_.run(jobs_.settle(job, {0, 1})));
  EXPECT_EQ(world_.count("bulk_page"), 0);
}

TEST_F(Jobs, ACancelledJobGetsOneLastEmptyPageAndAnEndedOneForgetsItsMessage) {
  add_members(2500, "m-");
  const auto job = request();
  control(job, JobControl::RUNNING, 1, 1);
  ASSERT_TRUE(freeze());
  control(job, JobControl::CANCELLED, 1, 2);
  const auto last = freeze().value();
  EXPECT_EQ(sizes_of(last), std::vector<std::size_t>{0});
  EXPECT_EQ(last.parts[0].page.number, 1U);
  EXPECT_TRUE(last.parts[0].page.last);
  EXPECT_FALSE(freeze());
  control(job, JobControl::ENDED, 1, 3);
  EXPECT_EQ(world_.column("SELECT (sealed IS NULL)::text FROM bulk_job").at(0), "true");
}

TEST_F(Jobs, TwoReplicasAndTwoJobsShareTheWorkWithoutFreezingAPageTwice) {
  add_members(20'000, "m-");
  const auto a = request();
  const auto b = request();
  control(a, JobControl::RUNNING, 100);
  control(b, JobControl::RUNNING, 100);
  JobStore other{world_.pool(), 30s};
  auto drain = [](JobStore& store) -> asio::awaitable<std::vector<std::pair<Uuid, std::uint32_t>>> {
    std::vector<std::pair<Uuid, std::uint32_t>> pages;
    for (int idle = 0; idle < 20;) {
      auto slice = co_await store.freeze(3, kNoon);
      if (!slice || !*slice) {
        ++idle;
        co_await sleep_for(5ms);
        continue;
      }
      for (const auto& part : (*slice)->parts) pages.emplace_back((*slice)->job.job, part.page.number);
    }
    co_return pages;
  };
  auto one = asio::co_spawn(world_.executor(), drain(jobs_), asio::use_future);
  auto two = asio::co_spawn(world_.executor(), drain(other), asio::use_future);
  auto pages = one.get();
  const auto more = two.get();
  EXPECT_FALSE(pages.empty());
  EXPECT_FALSE(more.empty());
  pages.insert(pages.end(), more.begin(), more.end());
  const std::set<std::pair<Uuid, std::uint32_t>> distinct{pages.begin(), pages.end()};
  EXPECT_EQ(pages.size(), 40U);
  EXPECT_EQ(distinct.size(), 40U);
}

}  // namespace
}  // namespace bongsu::gateway
