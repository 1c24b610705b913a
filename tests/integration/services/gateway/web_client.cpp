#include "web_client.hpp"

#include <algorithm>
#include <cctype>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <boost/json/parse.hpp>

namespace bongsu::gateway {

std::string Answer::code() const {
  const auto* object = body.if_object();
  const auto* code = object == nullptr ? nullptr : object->if_contains("code");
  return code == nullptr ? std::string{} : std::string{code->as_string()};
}

std::string Answer::error_of(std::string_view field) const {
  const auto* object = body.if_object();
  const auto* errors = object == nullptr ? nullptr : object->if_contains("errors");
  if (errors == nullptr) return {};
  for (const auto& error : errors->as_array()) {
    if (error.at("field").as_string() == field) return std::string{error.at("code").as_string()};
  }
  return {};
}

const boost::json::value& Answer::data() const { return body.at("data"); }

Answer ask(int port, std::string_view method, std::string_view path, std::string_view body,
           const std::vector<std::string>& headers) {
  namespace asio = boost::asio;
  const auto began = std::chrono::steady_clock::now();
  asio::io_context io;
  asio::ip::tcp::socket socket{io};
  socket.connect({asio::ip::make_address("127.0.0.1"), static_cast<unsigned short>(port)});
  std::string request =
      std::string{method} + " " + std::string{path} + " HTTP/1.1\r\nHost: test\r\nConnection: close\r\n";
  for (const auto& header : headers) request += header + "\r\n";
  if (method == "POST") request += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  request += "\r\n";
  request += body;

  boost::system::error_code error;  // a server that refuses early may close before it has read all
  asio::write(socket, asio::buffer(request), error);
  std::string text;
  asio::read(socket, asio::dynamic_buffer(text), error);

  Answer answer;
  answer.took =
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - began);
  const auto end = text.find("\r\n\r\n");
  if (!text.starts_with("HTTP/1.1 ") || end == std::string::npos) return answer;
  answer.status = std::stoi(text.substr(9, 3));
  answer.headers = text.substr(0, end + 2);
  std::transform(answer.headers.begin(), answer.headers.end(), answer.headers.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  answer.body = boost::json::parse(text.substr(end + 4), error);
  return answer;
}

}  // namespace bongsu::gateway
