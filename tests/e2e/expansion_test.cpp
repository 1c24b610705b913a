// A bulk job becomes requests on Kafka, whatever happens to the gateway meanwhile. The jobs service's part is
// played by the test: it publishes what jobs would.
#include "support/stack/stack.hpp"

#include <bongsu/core/bytes.hpp>
#include <bongsu/core/uuid.hpp>
#include <bongsu/events/cloud_events.hpp>
#include <bongsu/events/codec.hpp>
#include <bongsu/events/event_types.hpp>
#include <bongsu/events/v1/bulk.pb.h>
#include <bongsu/events/v1/job_control.pb.h>
#include <bongsu/events/v1/notification.pb.h>
#include <bongsu/security/sealed_box.hpp>

#include <map>
#include <set>

#include <gtest/gtest.h>

namespace bongsu::support {
namespace {

namespace v1 = events::v1;

kafka::Record event(const std::string& topic, std::string_view type, const std::string& job,
                    std::string value) {
  return {.topic = topic,
          .partition = {},
          .key = job,
          .value = std::move(value),
          .headers = events::make_headers({.id = job,
                                           .source = "/test/jobs",
                                           .type = std::string{type},
                                           .time = SystemClock{}.now(),
                                           .content_type = events::ContentType::kProtobuf,
                                           .trace = {}}),
          .timestamp = {}};
}

class Expansion : public testing::Test {
 protected:
  std::string request(bool with_count = true) {
    SystemRandom random;
    const auto now = SystemClock{}.now();
    const auto job = Uuid::v7(now, random);
    const security::SealedBox box{*security::KeyRing::parse("test:" + to_base64(std::string(32, 'b')))};
    v1::BulkPrivate message;
    message.set_text("{{name}}님, 안녕하세요");
    v1::BulkRequested requested;
    requested.set_job_id(job.str());
    requested.set_age_group("TWENTIES");
    requested.set_channel(v1::KAKAO);
    requested.set_fallback(v1::SMS);
    *requested.mutable_as_of() = events::to_proto(now);
    *requested.mutable_requested_at() = events::to_proto(now);
    if (with_count) requested.set_total_count(1);
    requested.set_sealed(box.seal(events::encode(message), job, events::type::kBulkRequested, random));
    stack_.kafka.produce({event(stack_.topic("bulk.requested"), events::type::kBulkRequested, job.str(),
                                events::encode(requested))});
    return job.str();
  }

  void control(const std::string& job, v1::JobControl::State state, std::uint32_t pages) {
    v1::JobControl told;
    told.set_job_id(job);
    told.set_revision(++revision_);
    told.set_state(state);
    told.set_pages_allowed(pages);
    stack_.kafka.produce(
        {event(stack_.topic("job.control"), events::type::kJobControl, job, events::encode(told))});
  }

  /// Everything on bulk.planned of pages, by number; of one page told twice both must say the same.
  std::map<std::uint32_t, v1::BulkPlanned::Page> pages(const std::string& job) {
    std::map<std::uint32_t, v1::BulkPlanned::Page> all;
    for (const auto& record : stack_.kafka.read_all(stack_.topic("bulk.planned"))) {
      const auto planned =
          events::decode<v1::BulkPlanned>(record.value, events::ContentType::kProtobuf).value();
      if (planned.job_id() != job || !planned.has_page()) continue;
      const auto [at, fresh] = all.emplace(planned.page().page(), planned.page());
      if (!fresh) EXPECT_EQ(at->second.SerializeAsString(), planned.page().SerializeAsString());
    }
    return all;
  }

  std::vector<v1::NotificationRequest> requests() {
    std::vector<v1::NotificationRequest> all;
    for (const auto& record : stack_.kafka.read_all(stack_.topic("kakao.bulk"))) {
      all.push_back(
          events::decode<v1::NotificationRequest>(record.value, events::ContentType::kProtobuf).value());
    }
    return all;
  }

  void wait_until_settled(const std::string& job) {
    eventually("every page is out", [&] {
      return stack_.count("SELECT count(*) FROM gateway.bulk_job WHERE complete AND job_id = '" + job +
                          "' AND NOT EXISTS (SELECT FROM gateway.bulk_page)") == 1;
    });
  }

  Stack stack_;
  std::uint64_t revision_ = 0;
};

TEST_F(Expansion, AGatewayKilledAgainAndAgainGivesEveryMemberOneNotification) {
  constexpr int kMembers = 20'500;
  stack_.environment["BULK_PAGES_AT_ONCE"] = "1";
  stack_.environment["BULK_PARALLEL"] = "1";
  stack_.start("gateway");
  stack_.import_crowd(kMembers);
  const auto frozen = [&] {
    return stack_.count("SELECT coalesce(max(next_page), 0) FROM gateway.bulk_job");
  };
  const auto job = request();
  // Looked up while nobody freezes any: who looks later may find all that is allowed.
  auto before = frozen();
  control(job, v1::JobControl::RUNNING, 2);
  for (int kills = 0; kills < 10; ++kills) {
    eventually("another page is begun", [&] { return frozen() > before; });
    stack_.kill("gateway");
    before = frozen();
    // Two more pages of credit, as if jobs had given it: reading it from Kafka would cost a session timeout.
    stack_.count(
        "WITH more AS (UPDATE gateway.bulk_job SET pages_allowed = next_page + 2 RETURNING 1) "
        "SELECT count(*) FROM more");
    if (kills == 3) {
      stack_.count(
          "WITH gone AS (DELETE FROM gateway.member WHERE user_id = 'm-120000' RETURNING 1) "
          "SELECT count(*) FROM gone");
      stack_.count(
          "WITH off AS (UPDATE gateway.member SET status = 'INACTIVE' WHERE user_id = 'm-120001' "
          "RETURNING 1) SELECT count(*) FROM off");
    }
    stack_.start("gateway");
  }
  control(job, v1::JobControl::RUNNING, 100);
  wait_until_settled(job);

  const auto planned = pages(job);
  ASSERT_EQ(planned.size(), 21U);
  std::size_t told = 0;
  for (const auto& [number, page] : planned) {
    told += page.size() - static_cast<std::size_t>(page.suppressed_size());
    EXPECT_EQ(page.last(), number == 20) << number;
  }
  EXPECT_EQ(told, static_cast<std::size_t>(kMembers - 2));
  std::map<std::string, std::set<std::string>> ids;
  std::set<std::pair<std::uint32_t, std::uint32_t>> places;
  std::map<std::string, std::pair<std::uint32_t, std::uint32_t>> place_of;
  for (const auto& one : requests()) {
    ids[one.member_id()].insert(one.id());
    const std::pair place{one.page(), one.index()};
    places.insert(place);
    EXPECT_EQ(place_of.emplace(one.member_id(), place).first->second, place) << "a member has moved";
  }
  EXPECT_EQ(ids.size(), static_cast<std::size_t>(kMembers - 2));
  EXPECT_EQ(places.size(), ids.size());
  EXPECT_FALSE(ids.contains("m-120000") || ids.contains("m-120001"));
  for (const auto& [member, own] : ids) EXPECT_EQ(own.size(), 1U) << member;
}

TEST_F(Expansion, AJobWithoutACountIsCountedBeforeItsFirstPage) {
  stack_.start("gateway");
  stack_.import_crowd(20);
  stack_.import_crowd(1, "1980-01-01");  // the first one again, now in their forties
  const auto job = request(false);
  const auto counted = stack_.kafka.read(stack_.topic("bulk.planned"), 1);
  const auto planned =
      events::decode<v1::BulkPlanned>(counted.front().value, events::ContentType::kProtobuf).value();
  EXPECT_EQ(planned.job_id(), job);
  ASSERT_TRUE(planned.has_count());
  EXPECT_EQ(planned.count().total(), 19U);
  control(job, v1::JobControl::RUNNING, 10);
  wait_until_settled(job);
  const auto all = pages(job);
  EXPECT_EQ(all.at(0).size(), 19U);
  EXPECT_TRUE(all.at(0).last());
}

TEST_F(Expansion, ACancelledJobEndsWithALastPageAndNothingNonsensicalStopsTheOthers) {
  // Nobody dies here: no page is to be taken over, and published again, because it took a second.
  stack_.environment["BULK_LEASE"] = "60s";
  stack_.start("gateway");
  stack_.import_crowd(2500);
  stack_.kafka.produce({event(stack_.topic("bulk.requested"), events::type::kBulkRequested, "x", "rubbish"),
                        event(stack_.topic("job.control"), events::type::kJobControl, "x", "rubbish")});
  const auto job = request();
  control(job, v1::JobControl::RUNNING, 1);
  stack_.kafka.read(stack_.topic("bulk.planned"), 1);
  control(job, v1::JobControl::CANCELLED, 1);
  wait_until_settled(job);
  const auto all = pages(job);
  EXPECT_EQ(all.at(0).size(), 1000U);
  EXPECT_EQ(all.at(1).size(), 0U);
  EXPECT_TRUE(all.at(1).last());
  EXPECT_EQ(requests().size(), 1000U);
  EXPECT_EQ(stack_.kafka.read(stack_.topic("events.dlq"), 2).size(), 2U);
}

}  // namespace
}  // namespace bongsu::support
