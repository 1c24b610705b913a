#pragma once
#include <string>
#include <string_view>

#include <google/protobuf/descriptor.h>

namespace bongsu::rpc {

/// The method that takes `request`: "/bongsu.jobs.v1.JobService/GetJob". In our protos every method has a
/// request of its own, in the file of its service, so the types say which one is meant; that there is none,
/// or that it gives another response, is a mistake in the program and aborts.
std::string method_of(const google::protobuf::Descriptor& request,
                      const google::protobuf::Descriptor& response);

}  // namespace bongsu::rpc
