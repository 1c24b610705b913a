// Each of contract's rules for bodies, over a real socket.
#include "rest_world.hpp"

#include <gtest/gtest.h>

namespace bongsu::gateway {
namespace {

struct Case {
  const char* name;
  std::string body;
  int status;
  const char* code;
  const char* field;  ///< nullptr: no field is named
  const char* field_code;
};

std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.name; }

/// One world for all cases: what is refused leaves nothing behind.
class BodyRules : public testing::TestWithParam<Case> {
 protected:
  static void SetUpTestSuite() { world_ = std::make_unique<RestWorld>(); }
  static void TearDownTestSuite() { world_.reset(); }
  static std::unique_ptr<RestWorld> world_;
};
std::unique_ptr<RestWorld> BodyRules::world_;

std::string message(const std::string& changed) {
  return R"({"clientMessageId":"m","channel":"EMAIL","recipient":"a@example.com","content":"c")" + changed +
         "}";
}
std::string signup(const std::string& changed) {
  return R"({"email":"a@example.com","name":"A")" + changed + "}";
}

using Signup = BodyRules;
TEST_P(Signup, IsRefusedWithItsReason) {
  const auto& row = GetParam();
  const auto answer = world_->post("/api/signup", row.body);
  EXPECT_EQ(answer.status, row.status);
  EXPECT_EQ(answer.code(), row.code);
  if (row.field != nullptr) EXPECT_EQ(answer.error_of(row.field), row.field_code);
  EXPECT_TRUE(answer.has_header("content-type: application/problem+json"));
  EXPECT_EQ(answer.body.at("success").as_bool(), false);
  EXPECT_EQ(world_->count("member"), 0);
}

INSTANTIATE_TEST_SUITE_P(
    Rules, Signup,
    testing::Values(
        Case{"unknown_field", signup(R"(,"colour":"red")"), 400, "invalid_request", "colour",
             "unknown_field"},
        Case{"unknown_field_inside", signup(R"(,"consents":{"moon":true})"), 400, "invalid_request",
             "consents.moon", "unknown_field"},
        Case{"wrong_type", R"({"email":7,"name":"A"})", 400, "invalid_request", "email", "wrong_type"},
        Case{"wrong_type_of_consent", signup(R"(,"consents":{"marketing":"yes"})"), 400, "invalid_request",
             "consents.marketing", "wrong_type"},
        Case{"duplicate_key", signup(R"(,"name":"B")"), 400, "invalid_request", "name", "duplicate_field"},
        Case{"broken_utf8", "{\"email\":\"a@example.com\",\"name\":\"\xC3\x28\"}", 400, "invalid_request",
             nullptr, ""},
        Case{"zero_character", signup(R"(,"phone":"010\u00001234")"), 400, "invalid_request", nullptr, ""},
        Case{"two_mebibytes", signup(R"(,"phone":")" + std::string(2 << 20, '1') + "\""), 413,
             "payload_too_large", nullptr, ""},
        Case{"no_body", "", 400, "invalid_request", nullptr, ""},
        Case{"no_json", "hello", 400, "invalid_request", nullptr, ""},
        Case{"no_object", "[]", 400, "invalid_request", nullptr, ""},
        Case{"something_behind", signup("") + "x", 400, "invalid_request", nullptr, ""},
        Case{"deep_nesting", signup(",\"consents\":" + std::string(5000, '[') + std::string(5000, ']')), 400,
             "invalid_request", nullptr, ""},
        Case{"no_email", R"({"name":"A"})", 400, "invalid_request", "email", "required"},
        Case{"bad_email", R"({"email":"a@b@c.d","name":"A"})", 400, "invalid_request", "email",
             "invalid_email"},
        Case{"null_email", R"({"email":null,"name":"A"})", 400, "invalid_request", "email", "required"},
        Case{"bad_phone", signup(R"(,"phone":"010-12")"), 400, "invalid_request", "phone", "invalid_phone"},
        Case{"number_with_a_wrong_date", signup(R"(,"residentNumber":"990230-1234567")"), 400,
             "invalid_request", "residentNumber", "invalid_date"},
        Case{"number_with_a_wrong_length", signup(R"(,"residentNumber":"990131-123456")"), 400,
             "invalid_request", "residentNumber", "invalid_resident_number"},
        Case{"number_and_date_that_differ",
             signup(R"(,"residentNumber":"990131-1234567","birthDate":"1999-02-01")"), 400, "invalid_request",
             "birthDate", "mismatch"},
        Case{"name_of_101_characters", R"({"email":"a@example.com","name":")" + std::string(101, 'x') + "\"}",
             400, "invalid_request", "name", "invalid_name"}),
    [](const auto& info) { return info.param.name; });

using MessageBody = BodyRules;
TEST_P(MessageBody, IsRefusedWithItsReason) {
  const auto& row = GetParam();
  const auto answer = world_->post("/api/messages", row.body);
  EXPECT_EQ(answer.status, row.status);
  EXPECT_EQ(answer.code(), row.code);
  if (row.field != nullptr) EXPECT_EQ(answer.error_of(row.field), row.field_code);
  EXPECT_EQ(world_->count("message"), 0);
}

INSTANTIATE_TEST_SUITE_P(
    Rules, MessageBody,
    testing::Values(
        Case{"unknown_field", message(R"(,"to":"x")"), 400, "invalid_request", "to", "unknown_field"},
        Case{"unknown_channel",
             R"({"clientMessageId":"m","channel":"FAX","recipient":"a@example.com","content":"c"})", 400,
             "invalid_request", "channel", "invalid_value"},
        Case{"expired", message(R"(,"expiresAt":"2020-01-01T00:00:00Z")"), 400, "invalid_request",
             "expiresAt", "in_the_past"},
        Case{"content_too_long",
             R"({"clientMessageId":"m","channel":"EMAIL","recipient":"a@example.com","content":")" +
                 std::string(10'001, 'x') + "\"}",
             400, "invalid_request", "content", "too_long"},
        Case{"injected_header", message(R"(,"subject":"a\r\nBcc: b@example.com")"), 400, "invalid_request",
             "subject", "control_characters"},
        Case{"zero_character", message(R"(,"subject":"\u0000")"), 400, "invalid_request", nullptr, ""}),
    [](const auto& info) { return info.param.name; });

using Refusals = BodyRules;

TEST_F(Refusals, NameEveryMistakeAtOnceInBothLanguages) {
  const auto korean = world_->post("/api/signup", R"({"email":"x","name":"","phone":"1"})");
  EXPECT_EQ(korean.body.at("errors").as_array().size(), 3U);
  EXPECT_EQ(korean.body.at("errors").as_array().at(0).at("message").as_string(),
            "이메일 주소가 올바르지 않습니다.");
  const auto english =
      world_->post("/api/signup", R"({"email":"x","name":"A"})", {"Accept-Language: en-US,en;q=0.9"});
  EXPECT_EQ(english.body.at("errors").as_array().at(0).at("message").as_string(),
            "This is not an email address.");
}

TEST_F(Refusals, OtherMediaTypesMethodsAndPaths) {
  EXPECT_EQ(world_->post("/api/signup", signup(""), {"Content-Type: text/plain"}).status, 415);
  const auto method = world_->get("/api/signup");
  EXPECT_EQ(method.status, 405);
  EXPECT_TRUE(method.has_header("allow: post"));
  EXPECT_EQ(world_->get("/api/nothing").status, 404);
  EXPECT_EQ(world_->get("/api/messages/no-id").status, 404);
  EXPECT_EQ(world_->get("/api/messages/01a1fc8f-323f-7fcc-b0a1-5ea7358686b3").status, 404);
}

TEST_F(Refusals, WhoMayNotSendIsTold) {
  EXPECT_EQ(world_->post("/api/messages", message(""), {"Authorization: none"}).status, 401);
  EXPECT_EQ(world_->post("/api/messages", message(""), {"Authorization: Bearer x.y.z"}).status, 401);
  const auto other = "Authorization: Bearer " + world_->token("other", {"job.read"});
  EXPECT_EQ(world_->post("/api/messages", message(""), {other}).status, 403);
  EXPECT_EQ(world_->post("/api/messages/batch", R"({"messages":[]})", {other}).status, 403);
}

TEST_F(Refusals, AKeyIsVisibleAscii) {
  for (const auto& key : {std::string(256, 'x'), std::string{"a b"}, std::string{"\xED\x82\xA4"}}) {
    const auto answer = world_->post("/api/signup", signup(""), {"Idempotency-Key: " + key});
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(answer.error_of("Idempotency-Key"), "invalid_value");
  }
}

TEST_F(Refusals, ABatchHasOneToAThousandMessages) {
  EXPECT_EQ(world_->post("/api/messages/batch", R"({"messages":[]})").error_of("messages"), "too_few");
  std::string many = R"({"messages":[{})";
  for (int i = 0; i < 1000; ++i) many += ",{}";
  EXPECT_EQ(world_->post("/api/messages/batch", many + "]}").error_of("messages"), "too_many");
  EXPECT_EQ(world_->post("/api/messages/batch", R"({"messages":[7]})").status, 400);
  EXPECT_EQ(world_->post("/api/messages/batch", R"({})").error_of("messages"), "required");
}

}  // namespace
}  // namespace bongsu::gateway
