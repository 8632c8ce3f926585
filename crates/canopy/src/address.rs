//! Who is counted as one caller.

use std::net::IpAddr;

/// What limits per address count by: an IPv4 address, or the /64 that one subscriber of IPv6 is given (RFC 6177).
#[must_use]
pub fn limit_key(address: &str) -> String {
    match address.trim().parse::<IpAddr>().map(|address| address.to_canonical()) {
        Ok(IpAddr::V6(address)) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
        Ok(address) => address.to_string(),
        // The platform gives none like that; whoever does is one caller.
        Err(_) => "unknown".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subscriber_of_ipv6_is_one_caller() {
        assert_eq!(limit_key("2001:db8:1:2::1"), limit_key("2001:DB8:1:2:ffff:ffff:ffff:ffff"));
        assert_ne!(limit_key("2001:db8:1:2::1"), limit_key("2001:db8:1:3::1"));
        assert_eq!(limit_key("::ffff:192.0.2.1"), limit_key("192.0.2.1"));
        assert_ne!(limit_key("192.0.2.1"), limit_key("192.0.2.2"));
        assert_eq!(limit_key("x".repeat(9_000).as_str()), limit_key(""));
    }
}
