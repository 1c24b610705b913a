#pragma once
#include <string>

#include <boost/json/value.hpp>
#include <google/protobuf/timestamp.pb.h>

/// Values that may be absent, as REST tells them. Pure.
namespace bongsu::gateway {

/// null for an empty text.
boost::json::value text_or_null(std::string text);
/// RFC 3339; null when it is not there.
boost::json::value time_or_null(bool there, const google::protobuf::Timestamp& time);

}  // namespace bongsu::gateway
