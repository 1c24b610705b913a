#include "json_values.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

namespace bongsu::gateway {
namespace {

TEST(JsonValues, AreTextOrNullAndNeverAList) {
  google::protobuf::Timestamp time;
  time.set_seconds(1'800'000'000);
  EXPECT_EQ(boost::json::serialize(time_or_null(true, time)), R"("2027-01-15T08:00:00.000Z")");
  EXPECT_EQ(boost::json::serialize(time_or_null(false, time)), "null");
  EXPECT_EQ(boost::json::serialize(text_or_null("x")), R"("x")");
  EXPECT_EQ(boost::json::serialize(text_or_null("")), "null");
}

}  // namespace
}  // namespace bongsu::gateway
