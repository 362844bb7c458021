"""What a TLS handshake failed with, in words for whoever set it up.

Source: docs/spec/operations.md#production.
"""

import ssl

_OTHER_HOST = 62  # X509_V_ERR_HOSTNAME_MISMATCH
_OTHER_ADDRESS = 64  # X509_V_ERR_IP_ADDRESS_MISMATCH


def why_no_tls(failure: BaseException) -> str | None:
    """Why TLS could not be agreed on, somewhere in what a failure came from; None where it was something else.

    Holds nothing of the address: a client's own words may.
    """
    seen: BaseException | None = failure
    while seen is not None:
        if isinstance(seen, ssl.SSLCertVerificationError):
            if seen.verify_code in (_OTHER_HOST, _OTHER_ADDRESS):
                return "leads to a server whose certificate is for another host"
            return f"leads to a server whose certificate is not trusted ({seen.verify_message})"
        if isinstance(seen, ssl.SSLError):
            reason = (seen.reason or "no reason given").replace("_", " ").lower()
            return f"leads to a server with which TLS could not be agreed on ({reason})"
        seen = seen.__cause__ or seen.__context__
    return None
