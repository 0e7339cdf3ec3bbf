"""The errors a task can end with that Lambda, Glue and Step Functions report, and what is done.

Names: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html,
https://docs.aws.amazon.com/step-functions/latest/dg/sfn-best-practices.html and, for what the
services' own calls answer, the models that botocore ships (Invoke, StartJobRun, GetJobRun).
"""

from typing import Final

# Another try may help, so every function is called again after these.
LAMBDA_RETRIED: Final = {
    "Lambda.ClientExecutionTimeoutException": "the answer did not come",
    "Lambda.ServiceException": "Lambda itself failed",
    "Lambda.AWSLambdaException": "Lambda itself failed",
    "Lambda.SdkClientException": "the call did not get through",
    "Lambda.TooManyRequestsException": "throttled",
    "Lambda.ResourceConflictException": "the function is just being made or updated",
    "Lambda.ResourceNotReadyException": "the function was idle for weeks and is made ready again",
    "Lambda.Unknown": "the process ended; what older runtimes report for all of these",
    "Runtime.ExitError": "the process ended",
    "Runtime.OutOfMemory": "the process ended; a new environment has nothing left over",
    "Sandbox.Timedout": "the function took longer than its Timeout",
}
# After so many tries in vain another one has nothing new: the memory is the same. ExtractSpotify
# goes on at its cursor, so each of its tries has less before it.
OUT_OF_MEMORY_TRIES: Final = {"ExtractSpotify": 6}
# Only ExtractSpotify: the others' TimeoutSeconds is above their function's Timeout.
TIMEOUT_RETRIED: Final = {"ExtractSpotify"}

_SAME_AGAIN: Final = "the same call gets the same answer"
_NOT_USED: Final = "comes only with a feature that no function here has"
LAMBDA_NOT_RETRIED: Final = {
    **{
        f"Lambda.{name}Exception": _SAME_AGAIN
        for name in (
            "InvalidParameterValue",
            "InvalidRequestContent",
            "InvalidRuntime",
            "InvalidZipFile",
            "ModeNotSupported",
            "NoPublishedVersion",
            "RecursiveInvocation",
            "RequestTooLarge",
            "ResourceNotFound",
            "SerializedRequestEntityTooLarge",
            "ServiceQuotaExceeded",
            "UnsupportedMediaType",
        )
    },
    **{
        f"Lambda.{name}Exception": _NOT_USED
        for name in (
            "CodeArtifactUserDeleted",
            "CodeArtifactUserFailed",
            "CodeArtifactUserPending",
            "DurableExecutionAlreadyStarted",
            "EC2AccessDenied",
            "EC2Throttled",
            "EC2Unexpected",
            "EFSIO",
            "EFSMountConnectivity",
            "EFSMountFailure",
            "EFSMountTimeout",
            "ENILimitReached",
            "ENINotReady",
            "InvalidSecurityGroupID",
            "InvalidSubnetID",
            "KMSAccessDenied",
            "KMSDisabled",
            "KMSInvalidState",
            "KMSNotFound",
            "S3FilesMountConnectivity",
            "S3FilesMountFailure",
            "S3FilesMountTimeout",
            "SnapStart",
            "SnapStartNotReady",
            "SnapStartRegenerationFailure",
            "SnapStartTimeout",
            "SubnetIPAddressLimitReached",
        )
    },
}
# Properties of a function that bring the errors of _NOT_USED.
FEATURES: Final = {
    "DurableConfig",
    "FileSystemConfigs",
    "KmsKeyArn",
    "SnapStart",
    "SourceKMSKeyArn",
    "VpcConfig",
}

GLUE_RETRIED: Final = {
    "Glue.ConcurrentRunsExceededException": "another run of the job has not ended",
    "Glue.ResourceNumberLimitExceededException": "the account's jobs use up a limit",
    "Glue.InternalServiceException": "Glue itself failed",
    "Glue.OperationTimeoutException": "Glue itself took too long",
    "Glue.ThrottlingException": "throttled",
    "Glue.AWSGlueException": "Glue itself failed",
}
# The wildcard gives each of these one more try, as it does a job run that failed.
GLUE_ONCE_MORE: Final = {
    "Glue.EntityNotFoundException": _SAME_AGAIN,
    "Glue.InvalidInputException": _SAME_AGAIN,
    "States.TaskFailed": "a driver or an executor was lost",
}
# What no Catch with States.ALL catches: the execution ends there by itself.
UNCAUGHT: Final = ("States.Runtime", "States.DataLimitExceeded")
