#include <bongsu/http/json.hpp>

#include <boost/json.hpp>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace bongsu::http {
namespace {

std::string refusal(std::string_view text) {
  const auto json = Json::parse(text);
  return json ? "accepted" : json.error().code;
}

std::string nested(int levels) {
  std::string text;
  for (int i = 0; i < levels; ++i) text += R"({"a":)";
  text += "1";
  return text + std::string(static_cast<std::size_t>(levels), '}');
}

TEST(Json, AcceptsAnObject) {
  EXPECT_EQ(refusal(R"({"a":"x","b":[1,2.5,true,null,{"a":"다"}],"c":{"a":1}})"), "accepted");
  EXPECT_EQ(refusal(" {} \n"), "accepted");
}

TEST(Json, RefusesWhatIsNoObject) {
  for (const auto* text :
       {"", " ", "[]", "1", "null", "\"a\"", "{", "}", "{]", "{'a':1}", "{\"a\":1,}", "{} {}", "{\"a\":01}",
        "{\"a\":NaN}", "{\"a\":\"\n\"}", "// {}", "{\"a\":\"\\ud800\"}", "\xEF\xBB\xBF{}"}) {
    EXPECT_EQ(refusal(text), "malformed") << text;
  }
}

TEST(Json, RefusesDuplicateNamesAndSaysWhich) {
  const auto json = Json::parse(R"({"a":1,"b":{"a":1,"a":2}})");
  ASSERT_FALSE(json);
  EXPECT_EQ(json.error().code, "duplicate_field");
  EXPECT_EQ(json.error().field, "a");
  EXPECT_EQ(refusal(R"({"a":1,"\u0061":2})"), "duplicate_field");
  EXPECT_EQ(refusal(R"({"a":{"b":1},"c":[{"b":1},{"b":1}],"b":1})"), "accepted");
}

TEST(Json, RefusesBrokenUtf8AndZero) {
  EXPECT_EQ(refusal("{\"a\":\"\xff\"}"), "invalid_character");
  EXPECT_EQ(refusal("{\"a\":\"\xc0\x80\"}"), "invalid_character");
  EXPECT_EQ(refusal("{\"a\":\"\xed\xa0\x80\"}"), "invalid_character");
  EXPECT_EQ(refusal("{\"\xff\":1}"), "invalid_character");
  EXPECT_EQ(refusal(R"({"a":"x\u0000y"})"), "invalid_character");
  EXPECT_EQ(refusal(R"({"x\u0000":1})"), "invalid_character");
}

TEST(Json, BoundsDepthAndMembers) {
  EXPECT_EQ(refusal(nested(32)), "accepted");
  EXPECT_EQ(refusal(nested(33)), "too_deep");
  EXPECT_EQ(refusal(nested(100000)), "too_deep");
  std::string many = "{";
  for (int i = 0; i < 65; ++i) many += (i > 0 ? ",\"" : "\"") + std::to_string(i) + "\":1";
  EXPECT_EQ(refusal(many + "}"), "too_many");
}

TEST(Json, KeepsTextsThatArriveInParts) {
  const auto text = R"({"a":")" + std::string(100000, 'x') + R"(\n\ud55c"})";
  const auto json = Json::parse(text);
  ASSERT_TRUE(json);
  ObjectReader reader{json->object()};
  EXPECT_EQ(reader.text("a", {.max = 200000, .max_bytes = 200000}), std::string(100000, 'x') + "\n한");
}

RC_GTEST_PROP(JsonProperty, AnyBytesAreAnAnswerOrARefusal, (const std::string& bytes)) {
  (void)Json::parse(bytes);
  (void)Json::parse("{\"a\":" + bytes + "}");
  RC_SUCCEED();
}

class ReaderTest : public ::testing::Test {
 protected:
  ObjectReader read(const std::string& text) {
    auto parsed = Json::parse(text);
    EXPECT_TRUE(parsed) << text;
    documents_.push_back(std::move(*parsed));
    return ObjectReader{documents_.back().object()};
  }
  static std::string errors_of(const ObjectReader& reader) {
    std::string text;
    for (const auto& error : reader.errors()) text += error.field + ":" + error.code + " ";
    return text;
  }

 private:
  std::vector<Json> documents_;
};

TEST_F(ReaderTest, ReadsEachKind) {
  auto reader = read(
      R"({"t":"한글","o":null,"c":"SMS","i":-5,"b":true,"m":{"x":"y"},"l":[{"x":"1"},{"x":"2"}],"s":["a"]})");
  EXPECT_EQ(reader.text("t", {.max = 2}), "한글");
  EXPECT_EQ(reader.optional_text("o"), std::nullopt);
  EXPECT_EQ(reader.choice("c", {"EMAIL", "SMS"}, true), 1U);
  EXPECT_EQ(reader.integer("i", -5, 5, true), -5);
  EXPECT_EQ(reader.boolean("b", true), true);
  auto inner = reader.object("m", true);
  ASSERT_TRUE(inner);
  EXPECT_EQ(inner->text("x"), "y");
  auto list = reader.objects("l", 1, 2);
  ASSERT_EQ(list.size(), 2U);
  EXPECT_EQ(list[1].text("x"), "2");
  EXPECT_EQ(reader.texts("s", 0, 5, {}, false), std::vector<std::string>{"a"});
  reader.finish();
  EXPECT_TRUE(reader.ok()) << errors_of(reader);
}

TEST_F(ReaderTest, CollectsEverythingThatIsWrong) {
  auto reader = read(
      R"({"t":1,"long":"abcd","c":"X","i":9,"big":18446744073709551615,"f":1.5,"b":"true","m":[],"l":{},"s":[1],"extra":0})");
  reader.text("absent");
  reader.text("t");
  reader.text("long", {.max = 3});
  reader.choice("c", {"EMAIL", "SMS"}, true);
  reader.integer("i", 0, 8, true);
  reader.integer("big", 0, 8, true);
  reader.integer("f", 0, 8, true);
  reader.boolean("b", true);
  reader.object("m", true);
  reader.objects("l", 1, 2);
  reader.texts("s", 1, 2, {}, true);
  reader.finish();
  EXPECT_EQ(errors_of(reader),
            "absent:required t:wrong_type long:too_long c:not_allowed i:too_large big:too_large f:wrong_type "
            "b:wrong_type m:wrong_type l:wrong_type s[0]:wrong_type extra:unknown_field ");
  for (const auto& error : reader.errors()) {
    EXPECT_FALSE(error.message.korean.empty());
    EXPECT_FALSE(error.message.english.empty());
  }
}

TEST_F(ReaderTest, BoundsTextsInCharactersAndBytes) {
  auto reader = read(R"({"a":"한글한","b":"","c":"ab","d":"한글"})");
  reader.text("a", {.max = 2});
  reader.text("b");
  reader.text("c", {.min = 3});
  reader.text("d", {.max = 10, .max_bytes = 5});
  EXPECT_EQ(errors_of(reader), "a:too_long b:required c:too_short d:too_long ");
}

TEST_F(ReaderTest, CountsListsAndNamesPlacesInThem) {
  auto reader = read(R"({"none":[],"three":[1,2,3],"mixed":[{"x":1},2]})");
  reader.objects("none", 1, 2);
  reader.objects("three", 1, 2);
  auto mixed = reader.objects("mixed", 1, 2);
  ASSERT_EQ(mixed.size(), 1U);
  mixed[0].text("x");
  mixed[0].finish();
  reader.add_errors_of(mixed[0]);
  EXPECT_EQ(errors_of(reader), "none:too_few three:too_many mixed[1]:wrong_type mixed[0].x:wrong_type ");
}

TEST_F(ReaderTest, NullIsAbsent) {
  auto reader = read(R"({"a":null})");
  EXPECT_FALSE(reader.has("a"));
  reader.text("a");
  EXPECT_EQ(errors_of(reader), "a:required ");
}

}  // namespace
}  // namespace bongsu::http
