#include <bongsu/core/bytes.hpp>
#include <bongsu/core/phone.hpp>
#include <bongsu/delivery/phone_message.hpp>

namespace bongsu::delivery {
namespace {

constexpr std::size_t kLongestText = 10'000;  // characters

}  // namespace

Result<void> check_phone_message(const Notification& notification, std::string_view channel) {
  const auto refuse = [&](std::string_view why, std::string field) {
    return fail(ErrorCode::kInvalidArgument, std::string{channel} + ": " + std::string{why},
                std::move(field));
  };
  if (!is_phone_number(notification.recipient.reveal()))
    return refuse("the recipient is no phone number", "recipient");
  const auto& text = notification.text.reveal();
  if (text.empty() || !is_utf8(text) || text.find('\0') != std::string::npos)
    return refuse("there is no text that can be sent", "content");
  if (count_characters(text) > kLongestText)
    return refuse("the text is longer than 10,000 characters", "content");
  return {};
}

}  // namespace bongsu::delivery
