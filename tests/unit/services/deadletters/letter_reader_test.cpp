#include "letter_reader.hpp"

#include "recipient.hpp"

#include <bongsu/core/random.hpp>
#include <bongsu/events/cloud_events.hpp>
#include <bongsu/events/codec.hpp>
#include <bongsu/events/event_types.hpp>
#include <bongsu/events/headers.hpp>
#include <bongsu/events/ids.hpp>
#include <bongsu/events/progress.hpp>

#include <gtest/gtest.h>

namespace bongsu::deadletters {
namespace {

namespace header = events::header;

const events::Topics kTopics{"test."};
const std::string kDlq = kTopics.dlq(events::Channel::kKakao);
const Uuid kNotification = *Uuid::parse("019aa46b-a0f0-87da-a101-666cce7a69e1");
const Timestamp kDied{std::chrono::milliseconds{1'763'700'000'123}};

class Reading : public testing::Test {
 protected:
  kafka::Message record(std::string_view reason, std::string origin) const {
    kafka::Message record{.topic = kDlq, .partition = 3, .offset = 77, .key = "k", .timestamp = kDied};
    record.headers = events::make_headers({.id = "1",
                                           .source = "/test",
                                           .type = std::string{events::type::kNotificationRequested},
                                           .time = kDied});
    events::write(record.headers, events::Death{.reason = std::string{reason},
                                                .provider_code = "503",
                                                .topic = std::move(origin),
                                                .partition = 1,
                                                .offset = 11,
                                                .group = "test.kakao",
                                                .tries = 9,
                                                .message = "no answer"});
    return record;
  }

  kafka::Message dead(std::uint32_t generation = 0) {
    auto made = record("timeout", kTopics.request(events::Channel::kKakao));
    events::write(made.headers, events::Progress{.generation = generation, .attempt = 3});
    set(made.headers, header::kNotificationId, kNotification.str());
    events::v1::NotificationPrivate content;
    content.set_recipient("+821012345678");
    content.set_text("안녕");
    events::v1::NotificationRequest request;
    request.set_id(kNotification.str());
    request.set_sealed(
        box_.seal(content.SerializeAsString(), kNotification, events::type::kNotificationRequested, random_));
    made.value = events::encode(request);
    return made;
  }

  SystemRandom random_;
  security::SealedBox box_{*security::KeyRing::parse("test:YmJiYmJiYmJiYmJiYmJiYmJiYmJiYmJiYmJiYmJiYmI=\n")};
  security::KeyedHash hash_{*security::parse_key("aGhoaGhoaGhoaGhoaGhoaGhoaGhoaGhoaGhoaGhoaGg=")};
  LetterReader reader_{kTopics, box_, hash_};
};

TEST_F(Reading, ALetterTellsWhatItsHeadersSay) {
  auto record = dead(2);
  set(record.headers, header::kJobId, "019aa46b-a0f0-7000-8000-000000000001");
  const auto letter = reader_.read(record);
  EXPECT_EQ(letter.id, events::letter_id(kNotification, 2));
  EXPECT_EQ(letter.notification_id, kNotification);
  EXPECT_EQ(letter.channel, events::Channel::kKakao);
  EXPECT_EQ(letter.reason, "timeout");
  EXPECT_EQ(letter.provider_code, "503");
  EXPECT_EQ(letter.message, "no answer");
  EXPECT_EQ(letter.attempts, 3);
  EXPECT_EQ(letter.tries, 9);
  EXPECT_EQ(letter.generation, 2);
  EXPECT_EQ(letter.job->str(), "019aa46b-a0f0-7000-8000-000000000001");
  EXPECT_EQ(letter.died_at, kDied);
  EXPECT_EQ(letter.recipient_hash, recipient_hash(hash_, "010-1234-5678"));
  EXPECT_EQ(letter.recipient.find("1234"), std::string::npos);
  EXPECT_EQ(letter.offset, 77);
  EXPECT_EQ(letter.origin_offset, 11);
}

TEST_F(Reading, ALetterPublishedTwiceHasOneId) {
  auto again = dead();
  again.offset = 78;
  EXPECT_EQ(reader_.read(dead()).id, reader_.read(again).id);
  EXPECT_NE(reader_.read(dead(0)).id, reader_.read(dead(1)).id);
}

TEST_F(Reading, OfAnUndecodableRecordUpstreamsOwnHeadersSayNothing) {
  auto spoofed = record("undecodable", kTopics.request(events::Channel::kKakao));
  set(spoofed.headers, header::kNotificationId, kNotification.str());
  set(spoofed.headers, header::kGeneration, "7");
  set(spoofed.headers, header::kLetterId, kNotification.str());
  spoofed.value = "bytes";
  const auto letter = reader_.read(spoofed);
  EXPECT_FALSE(letter.notification_id);
  EXPECT_FALSE(letter.previous);
  EXPECT_EQ(letter.generation, 0);
  EXPECT_EQ(letter.id, events::letter_id(kDlq, kTopics.request(events::Channel::kKakao), 1, 11));
}

TEST_F(Reading, AnUndecodableReplayTellsWhichLetterItWas) {
  auto replayed = record("undecodable", kTopics.replay(events::Channel::kKakao));
  set(replayed.headers, header::kGeneration, "1");
  set(replayed.headers, header::kLetterId, kNotification.str());
  const auto letter = reader_.read(replayed);
  EXPECT_EQ(letter.previous, kNotification);
  EXPECT_EQ(letter.generation, 1);
}

TEST_F(Reading, WhatHasNoHeadersAtAllIsALetterOfItsPlace) {
  const kafka::Message bare{.topic = kDlq, .partition = 3, .offset = 5, .timestamp = kDied};
  const auto letter = reader_.read(bare);
  EXPECT_EQ(letter.id, events::letter_id(kDlq, kDlq, 3, 5));
  EXPECT_EQ(letter.reason, "undecodable");
  EXPECT_EQ(letter.size, 0);
}

TEST_F(Reading, WhatPostgresCannotKeepIsLeftOut) {
  auto odd = dead();
  set(odd.headers, header::kReason, std::string{"rea\0son", 7});
  set(odd.headers, header::kProviderCode, std::string(5000, 'x'));
  set(odd.headers, header::kErrorMessage, std::string{"a\0b", 3});
  const auto letter = reader_.read(odd);
  EXPECT_EQ(letter.reason, "undecodable") << "a reason of nobody's set";
  EXPECT_EQ(letter.provider_code.size(), 100U);
  EXPECT_EQ(letter.message, "ab");
}

TEST_F(Reading, AnUnknownSchemaVersionIsNotOpened) {
  auto later = dead();
  set(later.headers, header::kType, "bongsu.notification.requested.v2");
  EXPECT_FALSE(reader_.open(later));
  EXPECT_EQ(reader_.read(later).recipient, "");
}

TEST(Recipients, AreTheSameHoweverTheyAreWritten) {
  EXPECT_EQ(recipient_identity("+82 10-1234-5678"), "01012345678");
  EXPECT_EQ(recipient_identity("010-1234-5678"), "01012345678");
  EXPECT_EQ(recipient_identity(" Hong@Example.COM "), "hong@example.com");
  EXPECT_EQ(recipient_identity("+1 202 555 0100"), "+12025550100");
  EXPECT_EQ(recipient_identity("m-100000"), "m-100000");
}

}  // namespace
}  // namespace bongsu::deadletters
