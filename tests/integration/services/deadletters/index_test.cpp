// The index is what lies on the topics, once each, whatever happens in between.
#include "letter_reader.hpp"

#include <bongsu/events/event_types.hpp>
#include <bongsu/events/headers.hpp>
#include <bongsu/events/ids.hpp>

#include <algorithm>
#include <random>

#include <gtest/gtest.h>
#include <poll.h>
#include <support/letters/letters_world.hpp>
#include <support/process/eventually.hpp>

namespace bongsu::deadletters {
namespace {

using namespace std::chrono_literals;
using events::Channel;
using events::v1::DeadLetterEvent;

const std::string kJob = "019aa46b-a0f0-7000-8000-000000000001";

class Index : public testing::Test {
 protected:
  Index() { world_.start(); }

  void publish(int letters) { world_.publish(world_.records(world_.mixed(letters))); }

  /// The letters as the topics have them now, one a line, by the service's own reading.
  std::set<std::string> on_topics() {
    std::set<std::string> ids;
    const security::SealedBox box{
        *security::KeyRing::parse("x:eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHg=\n")};
    const security::KeyedHash hash{*security::parse_key("aGhoaGhoaGhoaGhoaGhoaGhoaGhoaGhoaGhoaGhoaGg=")};
    const LetterReader reader{world_.topics(), box, hash};
    for (const auto channel : events::kChannels) {
      for (const auto& record : world_.kafka.read_all(world_.topics().dlq(channel)))
        ids.insert("deadLetters/" + reader.read(record).id.str());
    }
    return ids;
  }

  static std::set<std::string> names_of(const std::vector<v1::DeadLetter>& letters) {
    std::set<std::string> names;
    for (const auto& letter : letters) names.insert(letter.name());
    EXPECT_EQ(names.size(), letters.size()) << "one is listed twice";
    return names;
  }

  LettersWorld world_;
};

TEST_F(Index, IsEqualToTheTopicsAndALetterPublishedTwiceIsOneRow) {
  publish(3000);
  world_.publish({world_.undecodable(Channel::kSms, "\xFF\xFE", 1), world_.undecodable(Channel::kSms, "", 2),
                  world_.undecodable(Channel::kSms, "again", 1)});
  world_.until_total(3002);
  const auto listed = world_.list();
  EXPECT_EQ(names_of(listed), on_topics());
  EXPECT_TRUE(std::ranges::is_sorted(listed, std::ranges::greater{}, [](const v1::DeadLetter& letter) {
    return std::pair{letter.died_time().seconds(), letter.died_time().nanos()};
  }));
}

TEST_F(Index, KilledAgainAndAgainItEndsEqual) {
  std::mt19937 dice{7};
  for (int life = 0; life < 5; ++life) {
    publish(1000);
    ::poll(nullptr, 0, static_cast<int>(dice() % 400));
    world_.kill();
    world_.start();
  }
  world_.until_total(5000);
  EXPECT_EQ(names_of(world_.list()), on_topics());
}

TEST_F(Index, WaitsWhilePostgresOrKafkaIsAwayAndLosesNothing) {
  publish(500);
  world_.database.cut_connections();
  publish(500);
  world_.until_total(1000);
  world_.kafka.kill_broker();
  EXPECT_EQ(world_.list().size(), 1000U) << "letters are listed without Kafka";
  const auto name = world_.list({}, 1000).front().name();
  v1::GetDeadLetterRequest request;
  request.set_name(name);
  const auto shown = world_.ask<v1::DeadLetter>(request);
  world_.kafka.start_broker();
  ASSERT_TRUE(shown);
  EXPECT_NE(shown->value().unreadable_because().find("Kafka"), std::string::npos);
  publish(500);
  world_.until_total(1500);
}

TEST_F(Index, TwoReplicasShareTheTopics) {
  world_.start("2");
  publish(2000);
  world_.until_total(2000);
  EXPECT_EQ(world_.stop(), 0);
  publish(1000);
  world_.until_total(3000);
  EXPECT_EQ(names_of(world_.list()), on_topics());
}

TEST_F(Index, ADecisionThatComesBeforeItsLetterHolds) {
  const auto notification = world_.next_id();
  const auto letter = events::letter_id(notification, 0);
  world_.publish({world_.decision(letter, DeadLetterEvent::DISCARDED, 3),
                  world_.decision(letter, DeadLetterEvent::REPLAYING, 1, kJob),
                  world_.decision(letter, DeadLetterEvent::REPLAY_ABANDONED, 2, kJob)});
  support::eventually("the decisions are noted", [&] {
    return world_.column("SELECT count(*)::text FROM deadletters.decision").front() == "3";
  });
  EXPECT_EQ(world_.total(), 0) << "a decision alone is no letter";
  world_.publish({world_.record({.notification = notification})});
  world_.until_total(1);
  const auto shown = world_.get(letter);
  EXPECT_EQ(shown.state(), v1::DeadLetter::DISCARDED);
  EXPECT_EQ(shown.history_size(), 4);
}

TEST_F(Index, RebuiltItIsTheSameReplaysAndDiscardsIncluded) {
  publish(800);
  const auto notification = world_.next_id();
  const auto letter = events::letter_id(notification, 0);
  world_.publish({world_.record({.notification = notification}),
                  world_.undecodable(Channel::kEmail, "not a request", 9)});
  world_.publish({world_.decision(letter, DeadLetterEvent::REPLAYING, 1, kJob),
                  world_.decision(letter, DeadLetterEvent::DEAD_AGAIN, 2, kJob)});
  world_.until_total(802);
  v1::DiscardDeadLettersRequest discard;
  discard.mutable_filter()->add_channels("SMS");
  discard.set_reason("the campaign is over");
  const auto discarded = world_.ask<v1::DiscardDeadLettersResponse>(discard);
  ASSERT_TRUE(discarded) << discarded.error().message;
  EXPECT_EQ(discarded->discarded_count(), 200);
  world_.kafka.read(world_.topics().dead_letter_event(), 202);
  support::eventually("the decisions are noted",
                      [&] { return world_.get(letter).state() == v1::DeadLetter::DEAD_AGAIN; });
  const auto before = world_.dump();
  ASSERT_EQ(before.size(), 802U + 202U + world_.column("SELECT reason FROM deadletters.letter_kind").size());

  world_.start("other", {"--rebuild"});
  EXPECT_EQ(world_.ended("other"), 1);
  EXPECT_NE(world_.log_of("other").find("stop all of them"), std::string::npos);
  EXPECT_EQ(world_.stop(), 0);
  world_.until_disconnected();
  EXPECT_EQ(world_.dump(), before) << "a refused rebuild touches nothing";

  world_.start("rebuilt", {"--rebuild"});
  try {
    world_.until_total(802);
  } catch (const std::exception&) {
    FAIL() << world_.log_of("rebuilt");
  }
  EXPECT_EQ(world_.dump(), before);
  EXPECT_NE(world_.log_of("rebuilt").find("index.caught_up"), std::string::npos);
  EXPECT_EQ(world_.stop("rebuilt"), 0);
}

TEST_F(Index, ARebuildThatWasKilledGoesOnAtTheNextStart) {
  publish(3000);
  world_.until_total(3000);
  const auto before = world_.dump();
  EXPECT_EQ(world_.stop(), 0);
  world_.until_disconnected();
  world_.start("", {"--rebuild"});
  support::eventually("the index is emptied",
                      [&] { return world_.log_of().find("index.emptied") != std::string::npos; });
  world_.kill();
  world_.start();
  const auto limit = std::chrono::steady_clock::now() + 60s;
  while (world_.total() < 0 && std::chrono::steady_clock::now() < limit) ::poll(nullptr, 0, 50);
  EXPECT_EQ(world_.total(), 3000) << "nothing is served before it is whole";
  EXPECT_EQ(world_.dump(), before);
}

}  // namespace
}  // namespace bongsu::deadletters
