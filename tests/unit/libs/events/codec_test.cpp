#include <bongsu/events/channel.hpp>
#include <bongsu/events/codec.hpp>
#include <bongsu/events/headers.hpp>
#include <bongsu/events/v1/alert.pb.h>
#include <bongsu/events/v1/notification.pb.h>
#include <bongsu/events/v1/result.pb.h>
#include <bongsu/events/v1/user.pb.h>

#include <gmock/gmock.h>
#include <google/protobuf/util/message_differencer.h>
#include <rapidcheck/gtest.h>

namespace bongsu::events {
namespace {

using testing::HasSubstr;
using testing::Not;

template <class Message>
Error refusal(std::optional<std::string_view> value, ContentType type = ContentType::kJson) {
  const auto decoded = decode<Message>(value, type);
  EXPECT_FALSE(decoded) << value.value_or("(null)");
  if (decoded) return {};
  EXPECT_EQ(decoded.error().detail, "undecodable");
  EXPECT_EQ(decoded.error().code, ErrorCode::kInvalidArgument);
  return decoded.error();
}

TEST(Codec, ReadsAClearSignupInJson) {
  const auto user = decode<v1::UserSignedUp>(R"({
    "userId": "019aa46b-a0f0-7abc-8def-0123456789ab", "email": "hong@example.com", "name": "홍길동",
    "phone": "010-1234-5678", "birthDate": "1999-12-31", "signedUpAt": "2026-11-21T12:55:23.120+09:00",
    "consents": {"marketing": true}, "shoeSize": [270]})",
                                             ContentType::kJson);
  ASSERT_TRUE(user) << user.error().message;
  EXPECT_EQ(user->user_id(), "019aa46b-a0f0-7abc-8def-0123456789ab");
  EXPECT_EQ(user->email(), "hong@example.com");
  EXPECT_EQ(user->name(), "홍길동");
  EXPECT_EQ(user->phone(), "010-1234-5678");
  EXPECT_EQ(user->birth_date(), "1999-12-31");
  EXPECT_EQ(from_proto(user->signed_up_at()), *parse_rfc3339("2026-11-21T03:55:23.120Z"));
  EXPECT_TRUE(user->consents().marketing());
  EXPECT_FALSE(user->consents().night());
}

TEST(Codec, ReadsAClearSignupWithoutWhatIsOptional) {
  const auto user = decode<v1::UserSignedUp>(
      R"({"userId":"u","email":"a@b.kr","name":"A","signedUpAt":"2026-11-21T03:55:23Z"})",
      ContentType::kJson);
  ASSERT_TRUE(user) << user.error().message;
  EXPECT_FALSE(user->has_consents());
  EXPECT_EQ(user->birth_date(), "");
}

TEST(Codec, ReadsAClearRequestInJson) {
  const auto request = decode<v1::NotificationRequest>(R"({
    "id": "019aa46b-a0f0-8abc-8def-0123456789ab", "memberId": "m-1", "recipient": "010-1234-5678",
    "subject": "s", "content": "안녕", "purpose": "MARKETING", "expiresAt": "2026-11-22T00:00:00Z",
    "fallback": {"channel": "SMS", "recipient": "010-0000-0000"}, "requestedAt": "2026-11-21T03:55:23Z"})",
                                                       ContentType::kJson);
  ASSERT_TRUE(request) << request.error().message;
  EXPECT_EQ(request->recipient(), "010-1234-5678");
  EXPECT_EQ(request->content(), "안녕");
  EXPECT_EQ(parse_purpose(request->purpose()), Purpose::kMarketing);
  EXPECT_EQ(parse_channel(request->fallback().channel()), Channel::kSms);
  EXPECT_TRUE(request->has_expires_at());
}

TEST(Codec, ReadsACouponRequestInJson) {
  const auto request = decode<v1::NotificationRequest>(
      R"({"memberId":"m-1","campaignId":"welcome","requestedAt":"2026-11-21T03:55:23Z"})",
      ContentType::kJson);
  ASSERT_TRUE(request);
  EXPECT_EQ(request->campaign_id(), "welcome");
  EXPECT_EQ(parse_purpose(request->purpose()), Purpose::kTransactional);
}

TEST(Codec, LeavesAnUnknownPurposeToBeRefused) {
  const auto request = decode<v1::NotificationRequest>(R"({"purpose":"MARKTING"})", ContentType::kJson);
  ASSERT_TRUE(request);
  EXPECT_FALSE(parse_purpose(request->purpose()));
}

TEST(Codec, RefusesWhatIsNoMessage) {
  for (const auto type : {ContentType::kJson, ContentType::kProtobuf}) {
    refusal<v1::UserSignedUp>(std::nullopt, type);
    refusal<v1::UserSignedUp>("", type);
    refusal<v1::UserSignedUp>(std::string(100, '\xff'), type);
  }
  for (const auto* text :
       {"{", "null", "[]", "\"x\"", "17", " ", "{\"userId\":\"a\"} trailing", "{\"userId\":\"a\"",
        "{'userId'"
        ":1}"}) {
    refusal<v1::UserSignedUp>(text);
  }
  refusal<v1::UserSignedUp>("{\"name\":\"\xff\"}");
  refusal<v1::UserSignedUp>(std::string(100'000, '{'));
  refusal<v1::UserSignedUp>("{\"consents\":" + std::string(100'000, '['));
}

TEST(Codec, NamesTheFieldAtFaultAndNeverItsValue) {
  const auto time = refusal<v1::UserSignedUp>(R"({"signedUpAt":"secret"})");
  EXPECT_THAT(time.message, HasSubstr("signedUpAt"));
  EXPECT_THAT(time.message, Not(HasSubstr("secret")));
  const auto type = refusal<v1::UserSignedUp>(R"({"email":["secret@example.com"]})");
  EXPECT_THAT(type.message, Not(HasSubstr("secret")));
  const auto text = refusal<v1::UserSignedUp>(R"({"email":"secret@example.com",,})");
  EXPECT_THAT(text.message, Not(HasSubstr("secret")));
}

TEST(Codec, RefusesProtobufTextThatIsNotUtf8) {
  // field 20 (email), length 1, 0xff
  refusal<v1::UserSignedUp>(std::string{"\xa2\x01\x01\xff"}, ContentType::kProtobuf);
}

TEST(Codec, KeepsUnknownProtobufFieldsOfALaterVersion) {
  v1::Alert later;  // shares no field's meaning with UserSignedUp, but is protobuf
  later.set_name("n");
  later.mutable_labels()->insert({"k", "v"});
  EXPECT_TRUE(decode<v1::UserSignedUp>(encode(later), ContentType::kProtobuf));
}

RC_GTEST_PROP(Codec, GivesBackWhatItWasGiven, ()) {
  v1::DeliveryResult result;
  result.set_notification_id("019aa46b-a0f0-8abc-8def-0123456789ab");
  result.set_attempt(*rc::gen::inRange<std::uint32_t>(1, 4));
  result.set_generation(*rc::gen::arbitrary<std::uint32_t>());
  result.set_index(*rc::gen::arbitrary<std::uint32_t>());
  result.set_final(*rc::gen::arbitrary<bool>());
  result.set_outcome(static_cast<v1::DeliveryResult::Outcome>(*rc::gen::inRange(0, 8)));
  result.set_reason(*rc::gen::container<std::string>(rc::gen::inRange('a', 'z')));
  *result.mutable_time() = to_proto(Timestamp{
      std::chrono::milliseconds{*rc::gen::inRange<std::int64_t>(-62'135'596'800'000, 253'402'300'799'999)}});
  const auto back = decode<v1::DeliveryResult>(encode(result), ContentType::kProtobuf);
  RC_ASSERT(back.has_value());
  RC_ASSERT(google::protobuf::util::MessageDifferencer::Equals(result, *back));
  const auto json = decode<v1::DeliveryResult>(encode_json(result), ContentType::kJson);
  RC_ASSERT(json.has_value());
  RC_ASSERT(google::protobuf::util::MessageDifferencer::Equals(result, *json));
  RC_ASSERT(from_proto(result.time()) == from_proto(back->time()));
}

RC_GTEST_PROP(Codec, NeverFailsOtherwiseThanAsUndecodable, ()) {
  const auto bytes = *rc::gen::arbitrary<std::string>();
  for (const auto type : {ContentType::kJson, ContentType::kProtobuf}) {
    const auto decoded = decode<v1::NotificationRequest>(bytes, type);
    RC_ASSERT(decoded.has_value() || decoded.error().detail == "undecodable");
  }
}

RC_GTEST_PROP(Codec, TimesComeBack, ()) {
  const Timestamp time{
      std::chrono::milliseconds{*rc::gen::inRange<std::int64_t>(-62'135'596'800'000, 253'402'300'799'999)}};
  RC_ASSERT(from_proto(to_proto(time)) == time);
}

TEST(Codec, RefusesTimesOutsideTheCalendar) {
  google::protobuf::Timestamp time;
  time.set_seconds(253402300800);
  EXPECT_EQ(from_proto(time), std::nullopt);
  time.set_seconds(0);
  time.set_nanos(-1);
  EXPECT_EQ(from_proto(time), std::nullopt);
}

TEST(Alert, IsJsonAsTheContractNamesIt) {
  v1::Alert alert;
  alert.set_name("provider_down");
  alert.set_state("firing");
  *alert.mutable_since() = to_proto(Timestamp{std::chrono::milliseconds{1000}});
  (*alert.mutable_labels())["channel"] = "sms";
  EXPECT_EQ(encode_json(alert), R"({"name":"provider_down","state":"firing",)"
                                R"("since":"1970-01-01T00:00:01Z","labels":{"channel":"sms"}})");
}

}  // namespace
}  // namespace bongsu::events
