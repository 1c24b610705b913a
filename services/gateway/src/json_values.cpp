#include "json_values.hpp"

#include <bongsu/events/codec.hpp>

namespace bongsu::gateway {

// With braces around it a value would become a list of one.

boost::json::value text_or_null(std::string text) {
  return text.empty() ? boost::json::value(nullptr) : boost::json::value(std::move(text));
}

boost::json::value time_or_null(bool there, const google::protobuf::Timestamp& time) {
  const auto at = there ? events::from_proto(time) : std::nullopt;
  return text_or_null(at ? to_rfc3339(*at) : "");
}

}  // namespace bongsu::gateway
