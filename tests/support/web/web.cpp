#include "support/web/web.hpp"

#include <algorithm>

#include <boost/json/parse.hpp>
#include <curl/curl.h>

namespace bongsu::support {
namespace {

std::size_t append(char* data, std::size_t size, std::size_t count, void* target) {
  static_cast<std::string*>(target)->append(data, size * count);
  return size * count;
}

Answer ask(const char* method, const std::string& url, const std::string_view* body,
           const std::vector<std::string>& headers) {
  Answer answer;
  CURL* call = curl_easy_init();
  curl_slist* list = nullptr;
  for (const auto& header : headers) list = curl_slist_append(list, header.c_str());
  curl_easy_setopt(call, CURLOPT_URL, url.c_str());
  curl_easy_setopt(call, CURLOPT_HTTPHEADER, list);
  curl_easy_setopt(call, CURLOPT_TIMEOUT, 20L);
  curl_easy_setopt(call, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(call, CURLOPT_WRITEFUNCTION, append);
  curl_easy_setopt(call, CURLOPT_WRITEDATA, &answer.body);
  curl_easy_setopt(call, CURLOPT_HEADERFUNCTION, append);
  curl_easy_setopt(call, CURLOPT_HEADERDATA, &answer.headers);
  if (method != nullptr) curl_easy_setopt(call, CURLOPT_CUSTOMREQUEST, method);
  if (body != nullptr) {
    curl_easy_setopt(call, CURLOPT_POSTFIELDSIZE, static_cast<long>(body->size()));
    curl_easy_setopt(call, CURLOPT_POSTFIELDS, body->data());
  }
  if (curl_easy_perform(call) == CURLE_OK) {
    long status = 0;
    curl_easy_getinfo(call, CURLINFO_RESPONSE_CODE, &status);
    answer.status = static_cast<int>(status);
  }
  curl_easy_getinfo(call, CURLINFO_TOTAL_TIME, &answer.seconds);
  curl_slist_free_all(list);
  curl_easy_cleanup(call);
  return answer;
}

}  // namespace

boost::json::value Answer::json() const {
  boost::system::error_code error;
  auto value = boost::json::parse(body, error);
  return error ? boost::json::value{} : value;
}

std::string Answer::header(std::string_view name) const {
  const auto lower = [](std::string text) {
    std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::tolower(c); });
    return text;
  };
  const auto at = lower(headers).find("\r\n" + lower(std::string{name}) + ": ");
  if (at == std::string::npos) return {};
  const auto begin = at + name.size() + 4;
  return headers.substr(begin, headers.find("\r\n", begin) - begin);
}

Answer http_get(const std::string& url, const std::vector<std::string>& headers) {
  return ask(nullptr, url, nullptr, headers);
}

Answer http_post(const std::string& url, std::string_view body, const std::vector<std::string>& headers) {
  return ask(nullptr, url, &body, headers);
}

Answer http_send(const std::string& method, const std::string& url, std::string_view body,
                 const std::vector<std::string>& headers) {
  return ask(method.c_str(), url, body.empty() ? nullptr : &body, headers);
}

}  // namespace bongsu::support
