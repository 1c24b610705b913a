#pragma once
#include <string>
#include <vector>

#include <google/protobuf/message.h>
#include <google/protobuf/timestamp.pb.h>

/// Messages and their parts as text. Pure.
namespace bongsu::ctl {

/// Proto3's JSON mapping, on one line, zeros included; 64-bit numbers are text there, as the mapping has it.
std::string json_of(const google::protobuf::Message& message);
template <class Message>
std::string json_of(const std::vector<Message>& messages) {
  std::string json = "[";
  for (const auto& message : messages) json += (json.size() > 1 ? "," : "") + json_of(message);
  return json + "]";
}

/// RFC 3339 in UTC; empty when it is not there.
std::string time_of(bool there, const google::protobuf::Timestamp& time);

}  // namespace bongsu::ctl
