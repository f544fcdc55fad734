//! Where a scheduler is, and whether it has executors: it says so on its port.
//! What is then asked of it does not live here.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::error::ClusterError;

/// How long a scheduler may take to answer.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

/// Host and port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// Name or number of the machine.
    pub host: String,
    /// Port.
    pub port: u16,
}

impl FromStr for Address {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.rsplit_once(':');
        let parts = parts.and_then(|(host, port)| Some((host, port.parse().ok()?)));
        match parts {
            Some((host, port)) if !host.is_empty() && port > 0 => Ok(Address {
                host: host.to_owned(),
                port,
            }),
            _ => Err("write it as HOST:PORT, e.g. 127.0.0.1:50050".to_owned()),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

impl Address {
    pub(super) fn url(&self) -> String {
        format!("http://{self}")
    }

    /// Whether the scheduler there has executors.
    ///
    /// # Errors
    /// When nobody answers, or something else does.
    pub(super) async fn has_executors(&self) -> Result<bool, ClusterError> {
        let failed = |why: String| ClusterError::NoScheduler {
            at: self.to_string(),
            why,
        };
        let answer = timeout(PATIENCE, self.answer()).await;
        let answer = answer
            .map_err(|_| failed(format!("no answer within {} s", PATIENCE.as_secs())))?
            .map_err(|error| failed(error.to_string()))?;
        let told = |code: &str| {
            answer.starts_with(&format!("HTTP/1.1 {code} ")) && answer.contains("executors")
        };
        if told("200") {
            Ok(true)
        } else if told("503") {
            Ok(false)
        } else {
            Err(ClusterError::NotAScheduler {
                at: self.to_string(),
            })
        }
    }

    async fn answer(&self) -> std::io::Result<String> {
        let mut stream = TcpStream::connect((self.host.as_str(), self.port)).await?;
        let question = format!("GET /readyz HTTP/1.1\r\nHost: {self}\r\nConnection: close\r\n\r\n");
        stream.write_all(question.as_bytes()).await?;
        let mut answer = Vec::new();
        stream.take(1 << 14).read_to_end(&mut answer).await?;
        Ok(String::from_utf8_lossy(&answer).into_owned())
    }
}
