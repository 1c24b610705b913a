#include <bongsu/core/assert.hpp>
#include <bongsu/rpc/methods.hpp>

namespace bongsu::rpc {

std::string method_of(const google::protobuf::Descriptor& request,
                      const google::protobuf::Descriptor& response) {
  const auto& file = *request.file();
  for (int s = 0; s < file.service_count(); ++s) {
    const auto& service = *file.service(s);
    for (int m = 0; m < service.method_count(); ++m) {
      const auto& method = *service.method(m);
      if (method.input_type() != &request) continue;
      require(method.output_type() == &response, "the method gives another response");
      return "/" + service.full_name() + "/" + method.name();
    }
  }
  require(false, "no method takes this request");
  return {};
}

}  // namespace bongsu::rpc
