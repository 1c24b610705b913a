#include "replay/replay_record.hpp"

#include <bongsu/core/bytes.hpp>
#include <bongsu/events/codec.hpp>
#include <bongsu/events/event_types.hpp>
#include <bongsu/events/headers.hpp>
#include <bongsu/events/progress.hpp>
#include <bongsu/events/v1/notification.pb.h>

#include <gtest/gtest.h>

namespace bongsu::deadletters {
namespace {

namespace header = events::header;

class ReplayRecordTest : public testing::Test {
 protected:
  kafka::Message dead(std::string value) {
    kafka::Message message;
    message.topic = "bongsu.email.dlq";
    message.key = "m-1";
    message.value = std::move(value);
    message.headers = {{"ce_type", "x"},
                       {"theirs", "\x01"},
                       {std::string{header::kAttempt}, "3"},
                       {std::string{header::kGeneration}, "0"},
                       {std::string{header::kNotificationId}, id_.str()}};
    events::write(message.headers, events::Death{.reason = "timeout",
                                                 .provider_code = "504",
                                                 .topic = "bongsu.email.retry.5m",
                                                 .partition = 2,
                                                 .offset = 7,
                                                 .group = "bongsu.email",
                                                 .tries = 9,
                                                 .message = "no answer"});
    return message;
  }
  Letter letter() const {
    Letter letter;
    letter.id = Uuid::v8(Timestamp{}, "letter");
    letter.notification_id = id_;
    letter.channel = events::Channel::kEmail;
    letter.origin_topic = "bongsu.email.retry.5m";
    letter.origin_partition = 2;
    letter.origin_offset = 7;
    return letter;
  }

  SeededRandom random_{1};
  security::SealedBox box_{*security::KeyRing::parse("k1:" + to_base64(std::string(32, 'k')) + "\n")};
  events::Topics topics_;
  Uuid id_ = Uuid::v8(Timestamp{}, "notification");
  Uuid replay_ = Uuid::v8(Timestamp{}, "replay");
};

TEST_F(ReplayRecordTest, GoesToItsOneChannelWithItsBytesAndKeyAndANewGeneration) {
  const auto record = replay_record(topics_, letter(), dead("bytes"), replay_, 1);
  EXPECT_EQ(record.topic, "bongsu.email.replay");
  EXPECT_EQ(record.key, "m-1");
  EXPECT_EQ(record.value, "bytes");
  EXPECT_EQ(find(record.headers, header::kGeneration), "1");
  EXPECT_EQ(find(record.headers, header::kAttempt), "1");
  EXPECT_EQ(find(record.headers, header::kReplayId), replay_.str());
  EXPECT_EQ(find(record.headers, header::kLetterId), letter().id.str());
  EXPECT_EQ(find(record.headers, "theirs"), "\x01");
  for (const auto gone : {header::kReason, header::kProviderCode, header::kErrorTopic, header::kErrorMessage})
    EXPECT_FALSE(find(record.headers, gone)) << gone;
}

TEST_F(ReplayRecordTest, PoisonGoesOutUnchanged) {
  auto message = dead(std::string{"\x00\xff{", 3});
  message.key.clear();
  const auto record = replay_record(topics_, letter(), message, replay_, 1);
  EXPECT_EQ(record.value, (std::string{"\x00\xff{", 3}));
  EXPECT_EQ(record.key, "");
  EXPECT_FALSE(record.null_value);
  message.value.reset();
  EXPECT_TRUE(replay_record(topics_, letter(), message, replay_, 1).null_value);
}

TEST_F(ReplayRecordTest, ARecordOfAnotherDeathIsNotTheLetters) {
  EXPECT_TRUE(is_record_of(letter(), dead("x")));
  auto other = letter();
  other.origin_offset = 8;
  EXPECT_FALSE(is_record_of(other, dead("x")));
  other = letter();
  other.notification_id = Uuid::v8(Timestamp{}, "another");
  EXPECT_FALSE(is_record_of(other, dead("x")));
}

TEST_F(ReplayRecordTest, ARepairChangesTheRecipientAndNothingElse) {
  events::v1::NotificationPrivate content;
  content.set_recipient("old@example.com");
  content.set_subject("subject");
  content.set_text("text");
  events::v1::NotificationRequest request;
  request.set_id(id_.str());
  request.set_member_id("m-1");
  request.set_sealed(
      box_.seal(content.SerializeAsString(), id_, events::type::kNotificationRequested, random_));
  const auto value = repaired(events::encode(request), Recipient{"new@example.com"}, 2, box_, random_);
  ASSERT_TRUE(value) << value.error().message;
  const auto after = events::decode<events::v1::NotificationRequest>(*value, events::ContentType::kProtobuf);
  ASSERT_TRUE(after);
  EXPECT_EQ(after->id(), id_.str());
  EXPECT_EQ(after->member_id(), "m-1");
  EXPECT_EQ(after->repair(), 2U);
  EXPECT_EQ(value->find("new@"), std::string::npos);
  events::v1::NotificationPrivate opened;
  ASSERT_TRUE(opened.ParseFromString(*box_.open(after->sealed(), id_, events::type::kNotificationRequested)));
  EXPECT_EQ(opened.recipient(), "new@example.com");
  EXPECT_EQ(opened.subject(), "subject");
  EXPECT_EQ(opened.text(), "text");
  EXPECT_FALSE(repaired("junk", Recipient{"new@example.com"}, 2, box_, random_));
}

TEST_F(ReplayRecordTest, ASealedRecipientOpensOnlyForItsReplayAndLetter) {
  const auto sealed = seal_recipient(Recipient{"new@example.com"}, replay_, id_, box_, random_);
  EXPECT_EQ(sealed.find("new@"), std::string::npos);
  EXPECT_EQ(open_recipient(sealed, replay_, id_, box_)->reveal(), "new@example.com");
  EXPECT_FALSE(open_recipient(sealed, id_, id_, box_));
  EXPECT_FALSE(open_recipient(sealed, replay_, replay_, box_));
}

TEST_F(ReplayRecordTest, ARecipientFitsItsChannel) {
  using events::Channel;
  EXPECT_TRUE(check_recipient(Channel::kEmail, Recipient{"a@b.kr"}));
  for (const auto* bad : {"", "a", "@b", "a@", "a@b@c", "a b@c", "010-1234-5678"})
    EXPECT_FALSE(check_recipient(Channel::kEmail, Recipient{bad})) << bad;
  EXPECT_TRUE(check_recipient(Channel::kSms, Recipient{"010-1234-5678"}));
  EXPECT_TRUE(check_recipient(Channel::kKakao, Recipient{"+821012345678"}));
  EXPECT_FALSE(check_recipient(Channel::kSms, Recipient{"a@b.kr"}));
  EXPECT_FALSE(check_recipient(Channel::kCoupon, Recipient{"a@b.kr"}));
}

}  // namespace
}  // namespace bongsu::deadletters
