#pragma once
#include <string>

#include <grpcpp/support/byte_buffer.h>

namespace bongsu::rpc {

inline grpc::ByteBuffer to_buffer(const std::string& bytes) {
  const grpc::Slice slice{bytes};
  return grpc::ByteBuffer{&slice, 1};
}

/// Nothing when the buffer cannot be read (decompression).
inline bool read_buffer(const grpc::ByteBuffer& buffer, std::string& into) {
  into.clear();
  if (!buffer.Valid()) return true;
  std::vector<grpc::Slice> slices;
  if (!buffer.Dump(&slices).ok()) return false;
  for (const auto& slice : slices) into.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  return true;
}

}  // namespace bongsu::rpc
