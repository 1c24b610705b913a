#include "message.hpp"

#include "drafts.hpp"

#include <gtest/gtest.h>

namespace bongsu::gateway {
namespace {

MessageDraft mail() {
  return {.client_message_id = "order-1",
          .channel = "EMAIL",
          .recipient = "hong@Example.com",
          .content = "안녕하세요"};
}

/// "field:code field:code", in the order found.
std::string errors_of(MessageDraft draft) {
  FieldErrors errors;
  check(std::move(draft), errors);
  std::string all;
  for (const auto& error : errors.all()) all += (all.empty() ? "" : " ") + error.field + ":" + error.code;
  return all;
}

Message checked(MessageDraft draft) {
  FieldErrors errors;
  auto message = check(std::move(draft), errors);
  EXPECT_TRUE(errors.none());
  return message;
}

std::string repeated(std::string_view text, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}

TEST(Message, IsTransactionalAndNeverExpiresUnlessItSaysSo) {
  const auto message = checked(mail());
  EXPECT_EQ(message.channel, events::Channel::kEmail);
  EXPECT_EQ(message.recipient.reveal(), "hong@example.com");
  EXPECT_EQ(message.purpose, events::Purpose::kTransactional);
  EXPECT_FALSE(message.expires_at);
  EXPECT_FALSE(message.fallback);
}

TEST(Message, NamesEverythingThatIsMissing) {
  EXPECT_EQ(errors_of({}), "clientMessageId:required channel:required recipient:required content:required");
}

TEST(Message, NamesEverythingThatIsWrongAtOnce) {
  auto draft = mail();
  draft.channel = "FAX";
  draft.purpose = "SPAM";
  draft.expires_at = "tomorrow";
  draft.content = "";
  EXPECT_EQ(errors_of(draft),
            "channel:invalid_value content:required purpose:invalid_value expiresAt:invalid_time");
}

TEST(Message, CouponsCannotBeWritten) {
  auto draft = mail();
  draft.channel = "COUPON";
  EXPECT_EQ(errors_of(draft), "channel:invalid_value");
  draft.channel = "email";
  EXPECT_EQ(errors_of(draft), "channel:invalid_value");
}

TEST(Message, ItsRecipientFitsItsChannel) {
  auto draft = mail();
  draft.recipient = "010-1234-5678";
  EXPECT_EQ(errors_of(draft), "recipient:invalid_email");
  draft.channel = "KAKAO";
  EXPECT_EQ(checked(draft).recipient.reveal(), "+821012345678");
  draft.channel = "SMS";
  draft.recipient = "hong@example.com";
  EXPECT_EQ(errors_of(draft), "recipient:invalid_phone");
}

TEST(Message, OnlyMailHasASubjectOfOneShortLine) {
  auto draft = mail();
  draft.subject = repeated("제", 200);
  EXPECT_EQ(errors_of(draft), "");
  draft.subject = repeated("제", 201);
  EXPECT_EQ(errors_of(draft), "subject:too_long");
  draft.subject = "hello\r\nBcc: all@example.com";
  EXPECT_EQ(errors_of(draft), "subject:control_characters");
  draft.subject = "hello";
  draft.channel = "SMS";
  draft.recipient = "010-1234-5678";
  EXPECT_EQ(errors_of(draft), "subject:not_allowed");
}

TEST(Message, ItsContentHasTenThousandCharactersIn64KiB) {
  auto draft = mail();
  draft.content = repeated("가", 10'000);
  EXPECT_EQ(errors_of(draft), "");
  draft.content = repeated("가", 10'001);
  EXPECT_EQ(errors_of(draft), "content:too_long");
}

TEST(Message, ItsClientMessageIdHasUpTo255Characters) {
  auto draft = mail();
  draft.client_message_id = repeated("x", 255);
  EXPECT_EQ(errors_of(draft), "");
  draft.client_message_id = repeated("x", 256);
  EXPECT_EQ(errors_of(draft), "clientMessageId:too_long");
  draft.client_message_id = "a\nb";
  EXPECT_EQ(errors_of(draft), "clientMessageId:control_characters");
}

TEST(Message, AFallbackIsAnotherChannelThatCanReachTheRecipient) {
  auto draft = mail();
  draft.channel = "KAKAO";
  draft.recipient = "010-1234-5678";
  draft.fallback = MessageDraft::Fallback{.channel = "SMS", .recipient = {}};
  EXPECT_EQ(checked(draft).fallback->channel, events::Channel::kSms);
  EXPECT_TRUE(checked(draft).fallback->recipient.empty());
  draft.fallback->channel = "KAKAO";
  EXPECT_EQ(errors_of(draft), "fallback.channel:not_allowed");
  draft.fallback->channel = "EMAIL";
  EXPECT_EQ(errors_of(draft), "fallback.recipient:required");
  draft.fallback->recipient = "not an address";
  EXPECT_EQ(errors_of(draft), "fallback.recipient:invalid_email");
  draft.fallback->recipient = "hong@example.com";
  EXPECT_EQ(checked(draft).fallback->recipient.reveal(), "hong@example.com");
  draft.fallback->channel = "COUPON";
  EXPECT_EQ(errors_of(draft), "fallback.channel:invalid_value");
  draft.fallback->channel.reset();
  EXPECT_EQ(errors_of(draft), "fallback.channel:required");
}

TEST(Message, ExpiresAtItsTime) {
  auto draft = mail();
  draft.expires_at = "2026-11-21T12:00:00+09:00";
  const auto message = checked(draft);
  const auto noon = *parse_rfc3339("2026-11-21T03:00:00Z");
  EXPECT_FALSE(expired(message, noon - std::chrono::milliseconds{1}));
  EXPECT_TRUE(expired(message, noon));
  EXPECT_FALSE(expired(checked(mail()), noon));
}

TEST(Message, TheSameInOtherWordsHasTheSameFingerprint) {
  auto same = mail();
  same.purpose = "TRANSACTIONAL";
  same.recipient = "hong@EXAMPLE.com";
  EXPECT_EQ(fingerprint(checked(same)), fingerprint(checked(mail())));
  for (const auto& change : std::vector<std::function<void(MessageDraft&)>>{
           [](auto& d) { d.client_message_id = "order-2"; }, [](auto& d) { d.recipient = "kim@example.com"; },
           [](auto& d) { d.subject = "s"; }, [](auto& d) { d.content = "other"; },
           [](auto& d) { d.purpose = "MARKETING"; }, [](auto& d) { d.expires_at = "2026-11-21T12:00:00Z"; },
           [](auto& d) {
             d.fallback = MessageDraft::Fallback{.channel = "SMS", .recipient = "010-1234-5678"};
           }}) {
    auto other = mail();
    change(other);
    EXPECT_NE(fingerprint(checked(other)), fingerprint(checked(mail())));
  }
}

TEST(MessageBody, IsReadWithAllItsFields) {
  const auto json = http::Json::parse(
      R"({"clientMessageId":"a","channel":"KAKAO","recipient":"010-1234-5678","content":"c","purpose":"MARKETING",)"
      R"("expiresAt":"2026-11-21T12:00:00Z","subject":null,"fallback":{"channel":"SMS","recipient":"010-1111-2222"}})");
  ASSERT_TRUE(json);
  http::ObjectReader reader{json->object()};
  const auto draft = read_message(reader);
  EXPECT_TRUE(reader.ok());
  EXPECT_EQ(draft.client_message_id, "a");
  EXPECT_EQ(draft.channel, "KAKAO");
  EXPECT_EQ(draft.recipient, "010-1234-5678");
  EXPECT_FALSE(draft.subject);
  EXPECT_EQ(draft.purpose, "MARKETING");
  EXPECT_EQ(draft.expires_at, "2026-11-21T12:00:00Z");
  EXPECT_EQ(draft.fallback->recipient, "010-1111-2222");
}

TEST(MessageBody, HasNoOtherFieldsAndNoOtherTypes) {
  const auto json = http::Json::parse(
      R"({"clientMessageId":7,"channel":"EMAIL","recipient":"a@example.com","content":"c","colour":"red",)"
      R"("fallback":{"channel":"SMS","when":"now"}})");
  ASSERT_TRUE(json);
  http::ObjectReader reader{json->object()};
  const auto draft = read_message(reader);
  FieldErrors errors{reader.errors()};
  check(draft, errors);
  std::map<std::string, std::string> found;
  for (const auto& error : errors.all()) found[error.field] = error.code;
  EXPECT_EQ(found, (std::map<std::string, std::string>{{"clientMessageId", "wrong_type"},
                                                       {"colour", "unknown_field"},
                                                       {"fallback.when", "unknown_field"},
                                                       {"fallback.recipient", "required"}}));
}

}  // namespace
}  // namespace bongsu::gateway
