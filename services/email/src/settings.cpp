#include "settings.hpp"

#include <bongsu/host/rate_limit.hpp>
#include <bongsu/smtp/address.hpp>

namespace bongsu::email {
namespace {

using namespace std::chrono_literals;

void bind_server(config::Section section, smtp::Settings& server) {
  section.text("url", server.url, config::Presence::kRequired);
  if (!server.url.starts_with("smtp://") && !server.url.starts_with("smtps://"))
    section.refuse("url", "begins with smtp:// or smtps://");
  section.choice("tls", server.tls,
                 {{"off", smtp::Tls::kOff},
                  {"where-offered", smtp::Tls::kWhereOffered},
                  {"required", smtp::Tls::kRequired}});
  section.file("ca-file", server.ca_file);
  section.text("username", server.username);
  section.secret("password", server.password);
  section.text("hello", server.hello);
  section.number("connections", server.connections, 1, 1000);
  section.duration("timeout", server.timeout, 100ms, 60s);
  section.duration("idle-timeout", server.idle_timeout, 1s, 10min);
}

void bind_sender(config::Section section, Sender& sender) {
  std::string address = sender.address.reveal();
  std::string name = sender.name.reveal();
  section.text("from", address, config::Presence::kRequired);
  section.text("from-name", name);
  section.text("message-id-domain", sender.message_id_domain);
  if (!smtp::is_address(address)) section.refuse("from", "is no mail address");
  if (!sender.message_id_domain.empty() && !smtp::is_address("id@" + sender.message_id_domain))
    section.refuse("message-id-domain", "is no domain");
  sender.address = EmailAddress{std::move(address)};
  sender.name = PersonName{std::move(name)};
}

}  // namespace

void bind(config::Section& root, MailSettings& settings) {
  bind_server(root.section("smtp"), settings.smtp);
  bind_sender(root.section("mail"), settings.sender);
  root.section("templates").file("dir", settings.templates_folder);
}

void bind(config::Section& root, Settings& settings) {
  config::bind(root, settings.channel);
  root.settings("rate-limit", settings.channel.delivery.rate_limit);
  bind(root, settings.mail);
  config::check_call_timeout(root, "smtp.timeout", settings.mail.smtp.timeout, settings.channel.delivery);
}

}  // namespace bongsu::email
