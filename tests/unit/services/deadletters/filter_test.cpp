#include "filter.hpp"

#include "letter_query.hpp"
#include "letter_view.hpp"

#include <gtest/gtest.h>

namespace bongsu::deadletters {
namespace {

const security::KeyedHash kHash{*security::parse_key("aGhoaGhoaGhoaGhoaGhoaGhoaGhoaGhoaGhoaGhoaGg=")};

TEST(Filter, ReadsWhatIsSet) {
  v1::Filter filter;
  filter.add_channels("SMS");
  filter.add_channels("KAKAO");
  filter.add_channels("SMS");
  filter.add_reasons("timeout");
  filter.set_job("jobs/019aa46b-a0f0-7000-8000-000000000001");
  filter.set_recipient("010-1234-5678");
  filter.add_states(v1::DeadLetter::OPEN);
  filter.set_min_replay_count(2);
  const auto query = read_filter(filter, kHash);
  ASSERT_TRUE(query);
  EXPECT_EQ(query->channels, (std::vector<std::int16_t>{3, 4}));
  EXPECT_EQ(query->reasons, std::vector<std::string>{"timeout"});
  EXPECT_EQ(query->job->str(), "019aa46b-a0f0-7000-8000-000000000001");
  EXPECT_TRUE(query->recipient_hash);
  EXPECT_EQ(query->min_replays, 2);
}

TEST(Filter, NamesEveryFieldThatIsWrong) {
  v1::Filter filter;
  filter.add_channels("FAX");
  filter.add_reasons("bad_luck");
  filter.set_job("jobs/7");
  filter.set_recipient("  ");
  filter.add_states(v1::DeadLetter::STATE_UNSPECIFIED);
  filter.set_min_replay_count(-1);
  filter.mutable_from()->set_seconds(20);
  filter.mutable_to()->set_seconds(10);
  const auto query = read_filter(filter, kHash);
  ASSERT_FALSE(query);
  EXPECT_EQ(query.error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(query.error().fields.size(), 7U);
}

TEST(Filter, TakesALettersNameOrItsIdAlone) {
  const std::string id = "019aa46b-a0f0-87da-a101-666cce7a69e1";
  EXPECT_EQ(read_letter_name("deadLetters/" + id)->str(), id);
  EXPECT_EQ(read_letter_name(id)->str(), id);
  EXPECT_FALSE(read_letter_name("letters/" + id));
}

TEST(Statement, NoValueIsPartOfItsText) {
  Query query;
  query.reasons = {"timeout'; DROP TABLE letter"};
  query.provider_codes = {"x"};
  query.min_replays = 3;
  const auto statement = places_statement(query, {}, 50);
  EXPECT_EQ(statement.sql.find('\''), std::string::npos);
  EXPECT_EQ(statement.sql.find("DROP"), std::string::npos);
}

TEST(Statement, ItsIndexIsTheNarrowestFields) {
  EXPECT_NE(places_statement({.channels = {1}}, {}, 50).sql.find("letter_kind"), std::string::npos);
  EXPECT_EQ(places_statement({.channels = {1}, .job = Uuid{}}, {}, 50).sql.find("letter_kind"),
            std::string::npos);
  EXPECT_EQ(places_statement({}, {}, 50).sql.find("LATERAL"), std::string::npos);
}

TEST(Bytes, AreShownAsTextWithDots) {
  EXPECT_EQ(printable("a\nb\x7F"), "a.b.");
  EXPECT_EQ(printable("안녕"), "안녕");
  EXPECT_EQ(printable("\xFF\xFE a"), ".. a");
}

}  // namespace
}  // namespace bongsu::deadletters
