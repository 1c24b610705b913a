#include <bongsu/http/response.hpp>

#include <boost/json.hpp>

namespace bongsu::http {

Response text(int status, std::string body) {
  return {
      .status = status, .content_type = "text/plain; charset=utf-8", .body = std::move(body), .headers = {}};
}

Response success(int status, std::string_view message, std::string_view data) {
  Response response{.status = status, .content_type = "application/json", .body = {}, .headers = {}};
  auto& body = response.body;
  body.reserve(64 + message.size() + data.size());
  body.append(R"({"success":true,"message":)");
  body.append(boost::json::serialize(boost::json::string_view{message.data(), message.size()}));
  body.append(R"(,"data":)").append(data).append("}");
  return response;
}

Response success(int status, std::string_view message, const boost::json::object& data) {
  return success(status, message, boost::json::serialize(data));
}

}  // namespace bongsu::http
