#pragma once
#include <bongsu/rpc/failure.hpp>

#include <grpcpp/support/status.h>

namespace bongsu::rpc {

/// As it goes out: code, message, and the details in google.rpc.Status' form.
grpc::Status to_status(const Failure& failure);
/// As it came in. Details that cannot be read are left out; the code and the message stand.
Failure from_status(const grpc::Status& status);

/// "INVALID_ARGUMENT", for metrics.
std::string_view name_of(grpc::StatusCode code);

}  // namespace bongsu::rpc
