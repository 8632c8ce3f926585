SELECT 1;

select * from pulls;

SELECT "pull_id", P.STATUS FROM Pulls AS p WHERE p.complete = 1 ORDER BY updated_at DESC NULLS LAST LIMIT 10 OFFSET 5;

SELECT carrier, count(*) AS policies, sum(total_premium_cents) AS premium_cents FROM policies
WHERE expires >= ?1 AND expires < ?2 AND expires != 'none' GROUP BY carrier HAVING count(*) > 1 ORDER BY premium_cents DESC;

SELECT p.pull_id, l.policy_id, l.total_premium_cents / 100.0 AS dollars FROM pulls p JOIN policies l ON l.account = p.account
AND l.pull_id = p.pull_id LEFT OUTER JOIN tasks t USING (pull_id) WHERE t.kind IS NULL OR t.since < unixepoch('now', '-3 days') * 1000;

SELECT status, count(DISTINCT account) FROM pulls WHERE created_at BETWEEN ?1 AND ?2 GROUP BY 1;

SELECT DISTINCT line FROM policies WHERE state IN ('CA', 'NV', 'it''s', '\', '-- no comment; /* none */') AND NOT is_held;

SELECT policy_id FROM policies WHERE carrier IN (SELECT value FROM json_each(?1)) AND line LIKE ?2 ESCAPE '\';

SELECT p.pull_id, e.value ->> '$.carrier' AS carrier FROM pulls p, json_each(p.book) e WHERE json_valid(p.book);

WITH soon AS (SELECT account, min(expires) AS first FROM policies WHERE expires < date('now', '+30 days') GROUP BY account)
SELECT s.account, s.first, (SELECT max(r.updated_at) FROM runs r WHERE r.pull_id = p.pull_id) AS ran FROM soon s JOIN pulls p ON p.account = s.account;

WITH a(x) AS (SELECT pull_id FROM tasks), b AS (SELECT x FROM a WHERE x > ?3) SELECT x FROM b UNION ALL SELECT run_id FROM runs EXCEPT SELECT '' ORDER BY 1;

WITH kept AS NOT MATERIALIZED (SELECT * FROM tasks) SELECT kept.*, 1 AS one FROM kept;

SELECT pull_id FROM (SELECT pull_id, row_number() OVER (PARTITION BY account ORDER BY created_at DESC) AS place FROM pulls) WHERE place = 1;

SELECT line, sum(total_premium_cents) FILTER (WHERE status = 'ACTIVE') OVER w AS running FROM policies WINDOW w AS (PARTITION BY line ORDER BY expires ROWS BETWEEN 3 PRECEDING AND CURRENT ROW);

SELECT CASE WHEN total_premium_cents IS NULL THEN 'unknown' WHEN total_premium_cents > 100000 THEN 'large' ELSE 'small' END AS size, CASE line WHEN 'auto' THEN 1 END FROM policies;

SELECT CAST(substr(expires, 1, 4) AS integer) AS year, upper(carrier) || ' ' || coalesce(state, '?') COLLATE NOCASE AS name FROM policies WHERE EXISTS (SELECT 1 FROM runs WHERE runs.pull_id = policies.pull_id);

SELECT pull_id FROM pulls WHERE (created_at, pull_id) > (?1, ?2) AND complete IS TRUE AND version NOT NULL AND monitoring_id NOTNULL AND initial_pull_id ISNULL;

SELECT - - 1, + -1, ~1, 1 - -1, 5 % 3 << 1 | 2 & 3, 1 <> 2, 1 == 1, 1 IS NOT 2, 1 IS DISTINCT FROM 2, .5e-3, 0x1F, X'00ff', NULL, CURRENT_DATE, a.flow GLOB 'x*' FROM runs a;

SELECT pull_id AS "in double quotes; ' no" FROM tasks WHERE kind NOT IN ('x') AND subject NOT LIKE '%y' AND since NOT BETWEEN 1 AND 2 OR 1 IN ();

SELECT line, group_concat(policy_id, ', ') AS all_of_it, avg(annualized_premium_cents) FROM (SELECT * FROM policies ORDER BY policy_id) GROUP BY line;

SELECT a.status FROM runs AS a INNER JOIN runs AS b ON a.run_id < b.run_id FULL JOIN tasks ON tasks.pull_id = a.pull_id RIGHT JOIN pulls ON pulls.pull_id = a.pull_id;

SELECT lag(started_at, 1, 0) OVER (ORDER BY started_at GROUPS BETWEEN UNBOUNDED PRECEDING AND 1 FOLLOWING EXCLUDE TIES) AS before FROM runs LIMIT ?1;

SELECT json_group_array(json_object('id', policy_id, 'cents', total_premium_cents)) AS policies FROM policies; -- all of them

SELECT naïve.état FROM (SELECT status AS état FROM runs) naïve;

SELECT * FROM tasks JOIN tasks AS t USING (pull_id, kind) UNION SELECT 1, 2, 3, 4, 5, 6;

SELECT * FROM json_each(?1) UNION ALL SELECT 1, 2, 3, 4, 5, 6, 7, 8;

SELECT t.*, r.* FROM tasks t JOIN runs r USING (pull_id) INTERSECT SELECT * FROM tasks JOIN runs ON 1 = 1;
