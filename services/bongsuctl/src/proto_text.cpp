#include "proto_text.hpp"

#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/time_util.h>

namespace bongsu::ctl {

std::string json_of(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.always_print_primitive_fields = true;
  std::string text;
  // Messages of ours hold no Any and no bad UTF-8: nothing can go wrong.
  (void)google::protobuf::util::MessageToJsonString(message, &text, options);
  return text;
}

std::string time_of(bool there, const google::protobuf::Timestamp& time) {
  return there ? google::protobuf::util::TimeUtil::ToString(time) : std::string{};
}

}  // namespace bongsu::ctl
