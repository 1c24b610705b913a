#include "sms_channel.hpp"

#include <gtest/gtest.h>

namespace bongsu::sms {
namespace {

struct World {
  asio::io_context io;
  http::Api api = http::Api::open(io.get_executor(), {.base_url = "http://127.0.0.1:1"}).value();
  SmsChannel channel{api};

  /// The field that is refused; empty: none.
  std::string refused(const std::string& recipient, std::string text) {
    delivery::Notification notification;
    notification.recipient = Recipient{recipient};
    notification.text = PrivateText{std::move(text)};
    const auto valid = channel.validate(notification);
    if (valid) return {};
    EXPECT_EQ(valid.error().code, ErrorCode::kInvalidArgument);
    return valid.error().detail;
  }
};

TEST(SmsChannel, TakesAPhoneNumberAndAText) {
  World world;
  EXPECT_EQ(world.refused("010-1234-5678", "안녕"), "");
  EXPECT_EQ(world.refused("+82 10-1234-5678", std::string(10'000, 'x')), "");
}

TEST(SmsChannel, RefusesWhatIsNoPhoneNumber) {
  World world;
  for (const auto* number : {"", "hong@example.com", "010-1234", "010--1234-5678", "-01012345678",
                             "0101234567890123", "010-1234-567x", "+"})
    EXPECT_EQ(world.refused(number, "안녕"), "recipient") << number;
}

TEST(SmsChannel, RefusesATextThatCannotBeSent) {
  World world;
  for (const auto& text :
       {std::string{}, std::string{"a\0b", 3}, std::string{"\xff"}, std::string(10'001, 'x')})
    EXPECT_EQ(world.refused("010-1234-5678", text), "content") << text.size();
}

}  // namespace
}  // namespace bongsu::sms
